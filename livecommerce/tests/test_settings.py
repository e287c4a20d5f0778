"""Production refuses to start half configured. Each case is a real start of `manage.py check`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOOD = {
    "SECRET_KEY": "q3Zp-w8Xr_T5vN" * 4,
    "ALLOWED_HOSTS": "shop.example.com",
    "SITE_URL": "https://shop.example.com",
    "FIELD_ENCRYPTION_KEYS": "b3S0OTvJ3GFh4B-2Uo0k2k5m5cIRUqlQ6sFxJm1nXrE=",
    "INGEST_CONTROL_SECRET": "another secret",
    "TOSS_SECRET_KEY": "live_sk_example",
}


def start(changes):
    values = {name: value for name, value in (GOOD | changes).items() if value is not None}
    base = {
        name: os.environ[name] for name in ("PATH", "HOME", "DATA_DIR", "REDIS_URL") if name in os.environ
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=base | values,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_complete_environment_passes_the_deployment_check():
    result = start({})
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": None}, "Set SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must be"),
        ({"SECRET_KEY": "django-insecure-" + "x" * 60}, "SECRET_KEY must be"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"DEBUG": "1"}, "DEBUG=1 is for this machine only"),
        ({"DEBUG": "perhaps"}, "DEBUG must be 1 or 0"),
        ({"FIELD_ENCRYPTION_KEYS": None}, "FIELD_ENCRYPTION_KEYS"),
        ({"INGEST_CONTROL_SECRET": None}, "INGEST_CONTROL_SECRET"),
        ({"INGEST_RTMP_PORT": "many"}, "INGEST_RTMP_PORT must be a whole number"),
    ],
)
def test_it_refuses_to_start_and_says_why(changes, sentence):
    result = start(changes)
    assert result.returncode != 0
    assert sentence in result.stderr


def test_a_secret_can_come_from_a_file(tmp_path):
    file = tmp_path / "key"
    file.write_text(GOOD["SECRET_KEY"] + "\n")
    assert start({"SECRET_KEY": None, "SECRET_KEY_FILE": str(file)}).returncode == 0
    missing = start({"SECRET_KEY": None, "SECRET_KEY_FILE": str(tmp_path / "nothing")})
    assert "cannot be read" in missing.stderr
