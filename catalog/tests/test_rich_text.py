import pytest

from catalog.rich_text import clean, shown


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>안녕",
        "<p onclick='alert(1)'>안녕</p>",
        "<img src=x onerror=alert(1)>안녕",
        "<a href='javascript:alert(1)'>안녕</a>",
        "<a href='data:text/html,x'>안녕</a>",
        "<p style='position:fixed'>안녕</p>",
        "<iframe src='https://x.example'></iframe>안녕",
        "<svg><script>alert(1)</script></svg>안녕",
        "<form action='https://x.example'><input name=q>안녕</form>",
        "<p class='button' id='main'>안녕</p>",
        "<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>안녕",
    ],
)
def test_nothing_that_acts_or_poses_as_the_site_gets_through(html):
    for made in (clean(html), shown(html)):
        assert "안녕" in made
        for bad in (
            "script",
            "onerror",
            "onclick",
            "javascript",
            "data:",
            "style",
            "iframe",
            "<form",
            "class",
            "<img",
        ):
            assert bad not in made


def test_links_are_marked_as_not_ours():
    made = clean('<a href="https://x.example/" target="_top" rel="follow">여기</a>')
    assert made == '<a href="https://x.example/" rel="nofollow noopener ugc">여기</a>'


def test_what_is_allowed_stays():
    html = "<h3>소재</h3><ul><li><b>울</b> 60%</li></ul><p>끝<br>줄</p>"
    assert clean(html) == html
    assert clean(clean(html)) == html


def test_plain_text_stays_plain_and_is_shown_in_paragraphs():
    text = "크기: 5 < 6 & 7 > 3\r\n둘째 줄\n\n새 문단"
    assert clean(text) == "크기: 5 < 6 & 7 > 3\n둘째 줄\n\n새 문단"
    assert shown(clean(text)) == "<p>크기: 5 &lt; 6 &amp; 7 &gt; 3<br>둘째 줄</p>\n\n<p>새 문단</p>"


@pytest.mark.parametrize("text", ["<", "1<2", "a<b 그리고 c>d", "&lt;script&gt;", "<scr"])
def test_what_only_looks_like_a_tag_can_do_nothing(text):
    assert "<script" not in shown(text)
    assert "<b 그리고" not in shown(text)


def test_an_empty_text_is_shown_as_nothing():
    assert clean("  ") == ""
    assert shown("") == ""
