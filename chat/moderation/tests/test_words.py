import time

import pytest

from chat.moderation.words import WordList, is_word, spelled


@pytest.mark.parametrize(
    "text",
    [
        "시발",
        "아 시발 진짜",
        "시발놈아",
        "개시발",
        "시 발",
        "야 시  발 뭐야",
        "시.발",
        "시~!@발",
        "시😀발",
        "시1발",
        "시12발",
        "ㅅㅣㅂㅏㄹ",
        "ㅅ ㅣ ㅂ ㅏ ㄹ",
        "ㅅㅣ발",
        "시ㅂㅏㄹ",
        "시바ㄹ",
        "시발ㄹㄹㄹ",
        "시ㅣㅣ발",
        "시이발",
        "시이이이발",
        "시시시발발",
        "시\u200d발",
        "ﾡ시발",
    ],
)
def test_a_korean_word_is_found_however_it_is_written(text):
    assert WordList(blocked=("시발",), allowed=()).blocks(text)


@pytest.mark.parametrize(
    "text",
    [
        "다시 발송해 주세요",
        "오늘 다시 발표하나요",
        "역시 발이 편해요",
        "다시바라던",
        "시바견 귀여워요",
        "시 발표회",
        "10시 발송되나요",
        "시청 발 버스",
        "발시려요",
        "씨발",
        "",
        "ㅋㅋㅋㅋ",
    ],
)
def test_what_only_looks_like_it_may_be_said(text):
    assert not WordList(blocked=("시발",), allowed=()).blocks(text)


@pytest.mark.parametrize(
    ("blocked", "text", "found"),
    [
        ("씹", "아저씨보다 나아요", False),
        ("씹", "ㅆㅣㅂ", True),
        ("닭", "ㄷㅏㄹㄱ", True),
        ("과자", "ㄱㅗㅏ자", True),
        ("ㅅㅂ", "아 ㅅㅂ", True),
        ("ㅅㅂ", "ㅅ ㅂ", True),
        ("ㅅㅂ", "삽 주세요", False),
        ("ㅅㅂ", "ㅅㅅㅂㅂ", True),
        ("자자", "남자 코트", False),
        ("자자", "이제 자자아", True),
        ("바라", "발라 주세요", False),
        ("시이", "시발이", False),
        ("시이", "시이이", True),
        ("fuck", "ＦＵＣＫ", True),
        ("fuck", "f u c k", True),
        ("fuck", "f*u*c*k", True),
        ("fuck", "fuuuuck!", True),
        ("Fuck", "야fuck아", True),
        ("ass", "class", False),
        ("ass", "a s sunny", False),
        ("ass", "as", False),
        ("ass", "ASSSS", True),
        ("타오바오", "타 오 바 오", True),
        ("카톡 문의", "카톡문의", True),
        ("카톡문의", "카톡 문의", True),
        ("1588", "1 5 8 8", True),
    ],
)
def test_words_and_texts(blocked, text, found):
    assert WordList(blocked=(blocked,), allowed=()).blocks(text) is found


def test_only_the_allow_list_excuses_a_word_inside_another():
    blocked = ("시발",)
    assert WordList(blocked=blocked, allowed=()).blocks("시발점이 어디예요")
    words = WordList(blocked=blocked, allowed=("시발점",))
    assert not words.blocks("시발점이 어디예요")
    assert not words.blocks("버스 시발점 시발점")
    assert words.blocks("시발점 시발")


def test_a_longer_word_that_does_not_fit_hides_no_shorter_one():
    words = WordList(blocked=("시발", "시발놈"), allowed=())
    assert words.blocks("시발 놈이라니")
    assert words.blocks("시 발 놈")


def test_without_words_everything_may_be_said():
    assert not WordList(blocked=(), allowed=("시발점",)).blocks("시발")


@pytest.mark.parametrize(
    ("text", "is_one"), [("시발", True), ("ㅅㅂ", True), ("ㅋㅋ", False), ("!!", False), ("", False)]
)
def test_what_can_be_looked_for(text, is_one):
    assert is_word(text) is is_one


def test_how_it_is_spelled():
    assert spelled("시 발!") == "ㅅㅣ|_ㅂㅏㄹ|"
    assert spelled("ㅅㅣ발") == "ㅅ|ㅣ|ㅂㅏㄹ|"
    assert spelled(" ~ ") == ""


@pytest.mark.parametrize(
    "text",
    [
        "가아" * 100,
        "아" * 200,
        "ㄱ" * 200,
        "가" * 200,
        "a" * 200,
        "가 " * 100,
        "금 금금 " * 40,
        "금칙어 " * 50,
    ],
)
def test_no_text_and_no_words_make_it_slow(text):
    words = (
        *(f"{'가아' * length}끝" for length in range(1, 9)),
        "가" * 39 + "끝",
        "a" * 39 + "b",
        "ㄱㅏ" * 19 + "끝",
    )
    many = tuple(f"금칙어{number}" for number in range(500))
    lists = WordList(blocked=words + many, allowed=("가나",))
    lists.blocks("준비")
    began = time.perf_counter()
    lists.blocks(text)
    assert time.perf_counter() - began < 0.5
