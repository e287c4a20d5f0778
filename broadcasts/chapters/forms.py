from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from broadcasts.chapters.models import Chapter
from broadcasts.replay import Place, Replay
from broadcasts.replay_time import ReplayTimeField


class ChapterForm(forms.ModelForm):
    """A title and where in the replay."""

    part = forms.IntegerField(min_value=1, widget=forms.HiddenInput)
    time = ReplayTimeField(label=_("시간"))

    class Meta:
        model = Chapter
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

    @property
    def place(self) -> Place:
        return Place(part=self.cleaned_data["part"], ms=self.cleaned_data["time"])
