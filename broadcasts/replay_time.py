"""Times of a replay as people write them."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

_WRITTEN = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{2})(?:\.(\d{1,3}))?")


class ReplayTimeField(forms.CharField):
    """1:23 or 1:04:32 from where the replay's part begins; its value is milliseconds."""

    default_error_messages = {"unreadable": _("시간을 1:23처럼 적어 주세요.")}

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(max_length=14, **options)

    def clean(self, value: str) -> int:
        text = super().clean(value)
        written = _WRITTEN.fullmatch(text)
        if written is None:
            raise forms.ValidationError(self.error_messages["unreadable"])
        hours, minutes, seconds, fraction = written.groups()
        whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
        return whole * 1000 + int((fraction or "").ljust(3, "0") or 0)
