import pytest
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from common.encryption import EncryptedTextField, fernet


def test_old_keys_still_read_and_new_ones_write(settings):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    field = EncryptedTextField()
    settings.FIELD_ENCRYPTION_KEYS = [old]
    written_before = field.get_prep_value("비밀")
    settings.FIELD_ENCRYPTION_KEYS = [new, old]
    assert field.from_db_value(written_before, None, None) == "비밀"
    written_now = field.get_prep_value("비밀")
    settings.FIELD_ENCRYPTION_KEYS = [new]
    assert field.from_db_value(written_now, None, None) == "비밀"
    with pytest.raises(InvalidToken):
        field.from_db_value(written_before, None, None)


def test_nothing_stays_nothing():
    field = EncryptedTextField()
    assert field.get_prep_value("") == ""
    assert field.from_db_value(None, None, None) is None


def test_every_writing_differs():
    assert isinstance(fernet(), MultiFernet)
    field = EncryptedTextField()
    assert field.get_prep_value("x") != field.get_prep_value("x")
