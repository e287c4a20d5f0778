from pathlib import Path

from devtools.stamps import digest, is_current, write


def test_a_stamp_is_current_until_a_file_or_a_text_changes(tmp_path: Path) -> None:
    requirements, stamp = tmp_path / "requirements.txt", tmp_path / "new folder" / "stamp"
    requirements.write_text("django==5.2\n")
    wanted = digest([requirements], "3.11")

    assert not is_current(stamp, wanted)
    write(stamp, wanted)
    assert is_current(stamp, digest([requirements], "3.11"))
    assert not is_current(stamp, digest([requirements], "3.12"))
    requirements.write_text("django==5.3\n")
    assert not is_current(stamp, digest([requirements], "3.11"))


def test_the_order_of_files_does_not_count_but_their_names_do(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.write_text("1")
    two.write_text("2")
    before = digest([one, two])

    assert digest([two, one]) == before
    one.write_text("2")
    two.write_text("1")
    assert digest([one, two]) != before


def test_a_missing_file_is_told_from_an_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "file"
    missing = digest([file])
    file.touch()

    assert digest([file]) != missing


def test_texts_are_kept_apart() -> None:
    assert digest([], "ab", "c") != digest([], "a", "bc")
