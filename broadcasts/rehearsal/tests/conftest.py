from pathlib import Path

from django.conf import settings
from django.db import connection

if connection.vendor == "sqlite":
    # A file rather than memory: the server process of these tests reads what the tests write.
    connection.settings_dict["TEST"]["NAME"] = str(Path(settings.DATA_DIR) / "test.sqlite3")
