"""What every test may use. The environment is complete before Django reads its settings."""

import os
import tempfile

os.environ.setdefault("DEBUG", "1")
os.environ.setdefault("SECRET_KEY", "test-" + "k" * 60)
os.environ.setdefault("FIELD_ENCRYPTION_KEYS", "b3S0OTvJ3GFh4B-2Uo0k2k5m5cIRUqlQ6sFxJm1nXrE=")
os.environ.setdefault("INGEST_CONTROL_SECRET", "test-control-secret")
os.environ.setdefault("DATABASE_POOL_SIZE", "0")  # race tests open one connection per thread
os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="livecommerce-test-"))
os.environ.setdefault("DATABASE_URL", f"sqlite:///{os.environ['DATA_DIR']}/db.sqlite3")
os.environ.setdefault("LOG_LEVEL", "WARNING")
