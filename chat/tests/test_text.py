import pytest

from chat.refusals import EmptyText, TextTooLong
from chat.text import clean_text


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("  안녕  ", "안녕"),
        ("두\n줄\t은   한 줄", "두 줄 은 한 줄"),
        ("a\x00b\x07c\x1b[31m", "abc[31m"),
        ("가\u202e나\u2066다\u200b라\ufeff", "가나다라"),
        ("\ud800반쪽", "반쪽"),
        ("\u1100\u1161\u11a8", "각"),  # as macOS writes file names
        ("👩‍👩‍👧 ❤️ 👍🏽", "👩‍👩‍👧 ❤️ 👍🏽"),
        ("ก็ที่ Việt e\u0301", "ก็ที่ Việt é"),
        ("z" + "\u0334" * 50 + "글", "z" + "\u0334" * 3 + "글"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
    ],
)
def test_it_keeps_what_people_write_and_nothing_else(raw, shown):
    assert clean_text(raw) == shown


@pytest.mark.parametrize(
    "raw", ["", "   ", "\n\t", "\u200d\ufe0f", "\u3164\u115f \u2800", "\x00\u202e", "\u0301"]
)
def test_it_refuses_what_nobody_could_see(raw):
    with pytest.raises(EmptyText):
        clean_text(raw)


def test_it_counts_what_is_shown(settings):
    settings.CHAT_MAX_LENGTH = 5
    assert clean_text("  가나다라마  \u202e") == "가나다라마"
    with pytest.raises(TextTooLong, match="5자"):
        clean_text("가나다라마바")
