"""A form field for a moment, asked for as the browser's `datetime-local` and read in the current time zone."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class LocalMomentField(forms.DateTimeField):
    """Cleans to an aware datetime, or says in words what a change of the clocks made odd about a local time.

    `forms.DateTimeField` has one sentence for both kinds, which tells nobody what to do.
    """

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        picker = forms.DateTimeInput(attrs={"type": "datetime-local", "step": 60}, format=FORMATS[0])
        super().__init__(input_formats=FORMATS, **({"widget": picker} | kwargs))

    def to_python(self, value: Any) -> datetime | None:  # noqa: ANN401 Django's signature
        if value in self.empty_values:
            return None
        if isinstance(value, datetime):
            return super().to_python(value)
        for pattern in FORMATS:
            try:
                return only_moment(datetime.strptime(str(value).strip(), pattern))  # noqa: DTZ007 a local time
            except (ValueError, OverflowError):
                continue
        raise forms.ValidationError(_("날짜와 시각을 골라 주세요."), code="invalid")


def only_moment(naive: datetime) -> datetime:
    """Return the one moment when clocks here show this time; ValidationError if there is none, or there are two."""
    zone = timezone.get_current_timezone()
    before, after = (naive.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    # PEP 495: around a change of clocks the two readings of a time differ, and which is larger tells the kind.
    if before != after:
        skipped = before is not None and after is not None and before < after
        text = (
            _("시계를 앞당기는 날이라 없는 시각이에요. 한 시간 뒤로 골라 주세요.")
            if skipped
            else _("시계를 늦추는 날이라 두 번 있는 시각이에요. 한 시간 앞이나 뒤로 골라 주세요.")
        )
        raise forms.ValidationError(text, code="skipped" if skipped else "repeated")
    return naive.replace(tzinfo=zone)
