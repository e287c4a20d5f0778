from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from broadcasts.clips.models import Clip
from broadcasts.replay import Replay
from broadcasts.replay_time import ReplayTimeField


class ClipForm(forms.ModelForm):
    """A title, and from where to where in the replay (counted from where its part begins)."""

    part = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    start = ReplayTimeField(label=_("시작"))
    end = ReplayTimeField(label=_("끝"))

    class Meta:
        model = Clip
        fields = ["title"]

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
