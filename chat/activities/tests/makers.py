"""Small makers for the tests of activities."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from broadcasts.models import Broadcast
from chat.activities.models import Activity
from chat.activities.opening import open_draw, open_poll, open_quiz


def make_poll(show: Broadcast, **changes: Any) -> Activity:
    values = {"question": "어느 색이 좋아요?", "options": ["검정", "남색", "밤색"], "seconds": 60, "by": None}
    return open_poll(show.pk, **values | changes)


def make_quiz(show: Broadcast, **changes: Any) -> Activity:
    values = {
        "question": "울은 무엇의 털인가요?",
        "options": ["양", "소", "닭"],
        "right_option": 0,
        "places": 2,
        "seconds": 60,
        "by": None,
    }
    return open_quiz(show.pk, **values | changes)


def make_draw(show: Broadcast, **changes: Any) -> Activity:
    values = {"question": "울 머플러", "places": 2, "buyers_only": False, "seconds": 60, "by": None}
    return open_draw(show.pk, **values | changes)


def let_time_run_out(activity: Activity) -> None:
    Activity.objects.filter(pk=activity.pk).update(closes_at=timezone.now() - timedelta(seconds=1))


def nickname_of(number: int) -> str:
    return f"손{number}"


def make_guests(count: int) -> list[User]:
    """Return members without channel or password: taking part needs neither."""
    User.objects.bulk_create(
        User(username=f"guest{n}", nickname=nickname_of(n), email=f"guest{n}@example.com")
        for n in range(count)
    )
    return list(User.objects.filter(username__startswith="guest").order_by("pk"))
