"""What forms about a place in a replay have in common."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from broadcasts.replay import Replay


class ReplayForm(forms.ModelForm):
    """A title, and which part of the replay is meant."""

    part = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, replay: Replay, **options: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **options)
        self.replay = replay

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())

    def clean_part(self) -> int:
        part = self.cleaned_data["part"]
        if part > len(self.replay.parts):
            raise forms.ValidationError(_("다시보기에 없는 부분이에요."))
        return part
