import pytest

from chat.moderation.links import has_link


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/x",
        "HTTP://evil.example",
        "http : // evil.example",
        "www.naver",
        "naver.com",
        "여기 naver.com 오세요",
        "naver.com에서 더 싸요",
        "smartstore.naver.com/shop",
        "bit.ly/3abc",
        "evil.example/path",
        "evil.example:8080",
        "ｎａｖｅｒ．ｃｏｍ",
        "naver。com",
        "naver․com",
        "naver . com",
        "naver dot com",
        "naver (dot) com",
        "naver[.]com",
        "naver 닷 com",
        "naver닷컴",
        "naver 쩜 com",
        "n a v e r . c o m",
        "우리가게.한국",
        "우리가게.com",
        "open.kakao.com/o/abcd",
        "t.me/abc",
        "211.45.3.7",
    ],
)
def test_addresses_are_seen(text):
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "안녕하세요",
        "3.5kg 맞나요",
        "버전 1.2.3",
        "11.24(화) 도착하나요",
        "2026.11.24",
        "1.5만원이면 살게요",
        "네.그렇게 할게요",
        "ok.thanks",
        "Nice. me too",
        "so.. good",
        "와...대박",
        "점 하나 찍어 주세요",
        "검정 점 com",
        "a b c 다 주세요",
        "12,900원",
        "5:5 비율",
        "ㅋㅋ.ㅋㅋ",
        "polka dot skirt",
        "",
    ],
)
def test_other_texts_are_none(text):
    assert not has_link(text)
