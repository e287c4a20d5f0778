import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template, TemplateSyntaxError
from django.test import override_settings
from django.utils import timezone
from django.utils.translation import override

from accounts.models import User
from common.templatetags import keep as keeping


def counted():
    made = []
    return made, lambda: made.append(1) or len(made)


def test_a_part_is_made_once_for_each_of_its_values():
    made, count = counted()
    template = Template("{% load keep %}{% keep a %}{{ a }}:{{ count }}{% endkeep %}")
    shown = [template.render(Context({"a": a, "count": count})) for a in ("x", "y", "x")]
    assert shown == ["x:1", "y:2", "x:1"]
    assert len(made) == 2


def test_each_language_and_each_place_has_its_own():
    _, count = counted()
    template = Template(
        "{% load keep %}{% keep %}{{ count }}{% endkeep %}|{% keep %}{{ count }}{% endkeep %}"
    )
    context = Context({"count": count})
    assert template.render(context) == "1|2"
    with override("en"):
        assert template.render(context) == "3|4"
    assert template.render(context) == "1|2"


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(keeping, "MOST", 2)
    _, count = counted()
    template = Template("{% load keep %}{% keep a %}{{ count }}{% endkeep %}")
    assert [template.render(Context({"a": a, "count": count})) for a in "ababcab"] == list("1212345")


def test_a_changed_setting_makes_everything_anew():
    _, count = counted()
    template = Template("{% load keep %}{% keep %}{{ count }}{% endkeep %}")
    context = Context({"count": count})
    assert template.render(context) == "1"
    with override_settings(SITE_NAME="다른 이름"):
        assert template.render(context) == "2"


def test_escaping_stays():
    template = Template("{% load keep %}{% keep a %}{{ a }}{% endkeep %}")
    assert template.render(Context({"a": "<b>"})) == template.render(Context({"a": "<b>"})) == "&lt;b&gt;"


def test_it_must_end():
    with pytest.raises(TemplateSyntaxError):
        Template("{% load keep %}{% keep %}")


class _Request:
    def __init__(self, *, signed_in: bool = False) -> None:
        self.user = User() if signed_in else AnonymousUser()


@pytest.fixture
def shared(settings, monkeypatch):
    """{% share %} for 2 s, and a clock that the test sets."""
    clock = [100.0]
    settings.SHARED_SECONDS = 2
    monkeypatch.setattr(keeping.time, "monotonic", lambda: clock[0])
    made, count = counted()
    template = Template("{% load keep %}{% share a %}{{ a }}{{ count }}{% endshare %}")

    def show(a="", *, signed_in=False):
        return template.render(Context({"a": a, "count": count, "request": _Request(signed_in=signed_in)}))

    return show, clock


def test_a_shared_part_is_made_once_in_its_time(shared):
    show, clock = shared
    assert [show(), show()] == ["1", "1"]
    clock[0] += 1.9
    assert show() == "1"
    clock[0] += 0.2
    assert [show(), show()] == ["2", "2"]


def test_a_shared_part_is_made_anew_for_each_member(shared):
    show, _ = shared
    assert [show(), show(signed_in=True), show(signed_in=True), show()] == ["1", "2", "3", "1"]


def test_shared_parts_differ_by_value_language_and_time_zone(shared):
    show, _ = shared
    assert [show("a"), show("b"), show("a")] == ["a1", "b2", "a1"]
    with override("en"):
        assert show("a") == "a3"
    with timezone.override("America/New_York"):
        assert show("a") == "a4"
    assert show("a") == "a1"


def test_without_a_time_nothing_is_shared(shared, settings):
    show, _ = shared
    settings.SHARED_SECONDS = 0
    assert [show(), show()] == ["1", "2"]


def test_who_comes_while_it_is_made_anew_gets_what_there_is(shared):
    show, clock = shared
    assert show() == "1"
    clock[0] += 3
    meanwhile = []
    template = Template("{% load keep %}{% share %}{{ make }}{% endshare %}")

    def make():
        made = len(meanwhile)
        meanwhile.append(made)
        return f"{made}{render()}" if made == 1 else made

    def render():
        return template.render(Context({"make": make, "request": _Request()}))

    assert render() == "0"
    clock[0] += 3
    assert render() == "10"
    assert render() == "10"
