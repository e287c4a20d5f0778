from pathlib import Path

import pytest

from devtools import run, services
from devtools.ports import Ports
from devtools.site_environment import SITE_VARIABLES, site_environment

PORTS = Ports(web=8100, rtmp=1936, origin=8181)
SECRETS = {"SECRET_KEY": "s" * 60, "FIELD_ENCRYPTION_KEYS": "f", "INGEST_CONTROL_SECRET": "c"}


def test_every_address_follows_from_the_ports() -> None:
    site = site_environment(Path("/data"), PORTS, "redis://r", SECRETS)

    assert site["SITE_URL"] == "http://localhost:8100"
    assert site["INGEST_PUBLIC_RTMP_URL"] == "rtmp://localhost:1936/live"
    assert site["INGEST_PUBLIC_HTTP_URL"] == "http://localhost:8181"
    assert site["INGEST_CONTROL_URL"] == "http://127.0.0.1:8181"
    assert (site["INGEST_RTMP_PORT"], site["INGEST_HTTP_PORT"]) == ("1936", "8181")
    assert site["DATABASE_URL"] == "sqlite:////data/db.sqlite3"
    assert site["REDIS_URL"] == "redis://r"
    assert site.items() >= SECRETS.items()


def test_the_variables_of_the_user_win_but_for_ports_that_are_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SITE_URL", "https://shop.example")
    monkeypatch.setenv("INGEST_RTMP_PORT", "1999")

    given = run.given_variables()

    assert given["SITE_URL"] == "https://shop.example"
    assert "INGEST_RTMP_PORT" not in given


def test_tests_never_see_the_variables_of_a_real_site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SITE_VARIABLES:
        monkeypatch.setenv(name, "a real one")

    with services.test_environment() as environment:
        assert "a real one" not in environment.values()
        assert environment["PATH"]
        assert environment["DATABASE_URL"] == f"sqlite:///{environment['DATA_DIR']}/db.sqlite3"
        assert Path(environment["DATA_DIR"]).is_dir()
    assert not Path(environment["DATA_DIR"]).exists()
