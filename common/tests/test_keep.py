import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import override_settings
from django.utils.translation import override

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
