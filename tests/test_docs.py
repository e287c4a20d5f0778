"""What the documents promise to list, they list."""

import re
from dataclasses import fields, is_dataclass
from pathlib import Path

from broadcasts import events as broadcast_events
from broadcasts.camera import events as camera_events
from media_pipeline import events as media_events
from media_pipeline.applying import handlers
from orders.deals import events as deal_events
from orders.second_hand import events as second_hand_events

ROOT = Path(__file__).parents[1]


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def test_every_setting_is_documented_and_every_documented_one_exists():
    code = read("livecommerce/settings.py")
    names = set(re.findall(r'env\.(?:text|flag|integer|words|choice)\(\s*"([A-Z_]+)"', code))
    assert len(names) > 30
    documented = set(re.findall(r"^\| `([A-Z_]+)`", read("docs/settings.md"), re.M))
    assert documented == names


def test_every_provider_event_handled_is_documented():
    page = read("docs/events.md")
    assert handlers
    for event_type in handlers:
        assert f"`{event_type}`" in page


def test_every_event_to_a_page_is_documented_with_its_fields():
    rows = {
        name: set(re.findall(r"`(\w+)`", names))
        for name, names in re.findall(r"^\| `([\w.]+)` \| (.*?) \|", read("docs/events.md"), re.M)
    }
    from chat import events as chat_events
    from chat.activities import events as activity_events
    from chat.moderation import events as moderation_events
    from chat.overlay import events as overlay_events
    from chat.questions import events as question_events
    from chat.support import events as support_events

    kinds = [
        kind
        for module in (
            broadcast_events,
            camera_events,
            chat_events,
            activity_events,
            moderation_events,
            overlay_events,
            question_events,
            support_events,
            media_events,
            second_hand_events,
            deal_events,
        )
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and hasattr(kind, "type")
    ]
    assert len(kinds) >= 7
    for kind in kinds:
        assert kind.type in rows, kind
        assert {field.name for field in fields(kind)} <= rows[kind.type], kind
