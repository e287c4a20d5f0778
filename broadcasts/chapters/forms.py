from django.utils.translation import gettext_lazy as _

from broadcasts.chapters.models import Chapter
from broadcasts.replay import Place
from broadcasts.replay_form import ReplayForm
from broadcasts.replay_time import ReplayTimeField


class ChapterForm(ReplayForm):
    """A title and where in the replay."""

    time = ReplayTimeField(label=_("시간"))

    class Meta:
        model = Chapter
        fields = ["title"]

    @property
    def place(self) -> Place:
        return Place(part=self.cleaned_data["part"], ms=self.cleaned_data["time"])
