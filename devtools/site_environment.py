"""The variables that tell the product where it runs; livecommerce/settings.py reads them."""

from collections.abc import Mapping
from pathlib import Path

from devtools.ports import LOOPBACK, Ports

DEFAULT_PORTS = Ports(web=8000, rtmp=1935, origin=8081)


def site_environment(data: Path, ports: Ports, redis_url: str, secrets: Mapping[str, str]) -> dict[str, str]:
    """Everything the processes of one site on this machine must agree on."""
    return {
        **secrets,
        "DEBUG": "1",
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{database_file(data)}",
        "REDIS_URL": redis_url,
        "SITE_URL": f"http://localhost:{ports.web}",
        "INGEST_RTMP_HOST": LOOPBACK,
        "INGEST_RTMP_PORT": str(ports.rtmp),
        "INGEST_HTTP_HOST": LOOPBACK,
        "INGEST_HTTP_PORT": str(ports.origin),
        "INGEST_PUBLIC_RTMP_URL": f"rtmp://localhost:{ports.rtmp}/live",
        "INGEST_PUBLIC_HTTP_URL": f"http://localhost:{ports.origin}",
        "INGEST_CONTROL_URL": f"http://{LOOPBACK}:{ports.origin}",
        "PYTHONUNBUFFERED": "1",
    }


def database_file(data: Path) -> Path:
    """The SQLite file of a site that is given no other database."""
    return data / "db.sqlite3"


SITE_VARIABLES = frozenset(
    {
        *site_environment(Path(), DEFAULT_PORTS, "", {}),
        "SECRET_KEY",
        "FIELD_ENCRYPTION_KEYS",
        "INGEST_CONTROL_SECRET",
        "REDIS_URLS",
    }
)
