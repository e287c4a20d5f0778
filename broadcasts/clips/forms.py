from django.utils.translation import gettext_lazy as _

from broadcasts.clips.models import Clip
from broadcasts.replay_form import ReplayForm
from broadcasts.replay_time import ReplayTimeField


class ClipForm(ReplayForm):
    """A title, and from where to where in the replay (counted from where its part begins)."""

    start = ReplayTimeField(label=_("시작"))
    end = ReplayTimeField(label=_("끝"))

    class Meta:
        model = Clip
        fields = ["title"]
