"""Times are shown and read in the browser's zone, and kept in UTC."""

from datetime import UTC, datetime

import pytest
from django import forms
from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from common.local_time import LocalMomentField
from common.time_zone import in_the_zone_of_the_browser

NEW_YORK = "America/New_York"


def zone_during(cookie):
    request = RequestFactory().get("/")
    if cookie is not None:
        request.COOKIES["tz"] = cookie
    answer = in_the_zone_of_the_browser(lambda request: HttpResponse(timezone.get_current_timezone_name()))
    return answer(request).content.decode()


@pytest.mark.parametrize("name", [NEW_YORK, "Asia/Seoul", "UTC"])
def test_the_cookie_names_the_zone(name):
    assert zone_during(name) == name


@pytest.mark.parametrize(
    "name", [None, "", "Mars/Olympus", "America", "../../etc/passwd", "/etc/localtime", "\0", "a" * 5000]
)
def test_anything_else_is_seoul(name):
    assert zone_during(name) == "Asia/Seoul"


def test_the_zone_does_not_outlive_the_request():
    zone_during(NEW_YORK)
    assert timezone.get_current_timezone_name() == "Asia/Seoul"


@pytest.mark.parametrize(
    ("zone", "text", "moment"),
    [
        ("Asia/Seoul", "2026-11-24T20:00", datetime(2026, 11, 24, 11, 0, tzinfo=UTC)),
        (NEW_YORK, "2026-07-01T20:00", datetime(2026, 7, 2, 0, 0, tzinfo=UTC)),
        (NEW_YORK, "2026-12-01T20:00:00", datetime(2026, 12, 2, 1, 0, tzinfo=UTC)),
        (NEW_YORK, "2026-03-08T03:00", datetime(2026, 3, 8, 7, 0, tzinfo=UTC)),  # right after the gap
        (NEW_YORK, "2026-11-01T02:00", datetime(2026, 11, 1, 7, 0, tzinfo=UTC)),  # right after the repeat
    ],
)
def test_a_local_time_becomes_its_moment(zone, text, moment):
    with timezone.override(zone):
        assert LocalMomentField().clean(text) == moment


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("2026-03-08T02:30", "skipped"),
        ("2026-11-01T01:30", "repeated"),
        ("내일 저녁", "invalid"),
        ("2026-02-30T10:00", "invalid"),
        ("", "required"),
    ],
)
def test_a_time_that_is_none_is_refused(text, code):
    with timezone.override(NEW_YORK), pytest.raises(forms.ValidationError) as refusal:
        LocalMomentField().clean(text)
    assert refusal.value.error_list[0].code == code


def test_the_picker_shows_local_time():
    class Form(forms.Form):
        at = LocalMomentField()

    with timezone.override(NEW_YORK):
        form = Form(initial={"at": datetime(2026, 7, 2, 0, 0, 40, tzinfo=UTC)})
        assert 'value="2026-07-01T20:00"' in str(form["at"])
        assert 'type="datetime-local"' in str(form["at"])
