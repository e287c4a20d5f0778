import base64
from pathlib import Path

from devtools.local_secrets import load_or_create


def test_secrets_are_random_kept_and_for_their_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "new" / "secrets.env"
    values = load_or_create(file)

    assert load_or_create(file) == values
    assert load_or_create(tmp_path / "other.env") != values
    assert file.stat().st_mode & 0o777 == 0o600
    assert len(values["SECRET_KEY"]) >= 50
    assert len(base64.urlsafe_b64decode(values["FIELD_ENCRYPTION_KEYS"])) == 32
    assert len(values["INGEST_CONTROL_SECRET"]) >= 32
