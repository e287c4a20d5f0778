"""What a seller or moderator fills in to begin a poll, quiz or draw."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.activities.models import Activity
from chat.activities.opening import (
    FEWEST_OPTIONS,
    LONGEST_SECONDS,
    MOST_OPTIONS,
    MOST_PLACES,
    SHORTEST_SECONDS,
)
from chat.refusals import EmptyText, Refusal
from chat.text import clean_text

OPTION_LENGTH = 30


class OneLineField(forms.CharField):
    """A line of visible text, cleaned as messages are."""

    def clean(self, value: Any) -> str:  # noqa: ANN401 Django's signature
        text = super().clean(value)
        try:
            return clean_text(text) if text else ""
        except EmptyText:
            if self.required:
                raise ValidationError(self.error_messages["required"], code="required") from None
            return ""
        except Refusal as refusal:
            raise ValidationError(refusal.message, code=refusal.code) from refusal


class _ActivityForm(forms.Form):
    question = OneLineField(max_length=80)
    seconds = forms.IntegerField(
        label=gettext_lazy("시간(초)"), min_value=SHORTEST_SECONDS, max_value=LONGEST_SECONDS, initial=60
    )


class PollForm(_ActivityForm):
    """`options` of the cleaned data are the texts that were filled in."""

    field_order = ["question", *(f"option_{place}" for place in range(MOST_OPTIONS)), "seconds"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["question"].label = _("질문")
        for place in range(MOST_OPTIONS):
            self.fields[f"option_{place}"] = OneLineField(
                label=_("답 %(number)d") % {"number": place + 1},
                max_length=OPTION_LENGTH,
                required=place < FEWEST_OPTIONS,
            )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        options = [text for place in range(MOST_OPTIONS) if (text := values.pop(f"option_{place}", ""))]
        if len(set(options)) < len(options):
            raise ValidationError(_("같은 답이 두 번 있어요. 하나를 바꿔 주세요."))
        return values | {"options": options}


class QuizForm(PollForm):
    """`right_option` of the cleaned data is the right answer's place among `options`."""

    right = forms.TypedChoiceField(
        label=gettext_lazy("정답"),
        coerce=int,
        choices=[(place, str(place + 1)) for place in range(MOST_OPTIONS)],
    )
    places = forms.IntegerField(
        label=gettext_lazy("당첨자 수(빠른 순)"), min_value=1, max_value=MOST_PLACES, initial=1
    )
    field_order = [*PollForm.field_order[:-1], "right", "places", "seconds"]

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        right = values.pop("right", None)
        if right is None:
            return values
        text = self.cleaned_data.get(f"option_{right}")
        if not text:
            self.add_error("right", _("비어 있는 답이에요. 적어 둔 답 가운데 골라 주세요."))
            return values
        return values | {"right_option": values["options"].index(text)}


class DrawForm(_ActivityForm):
    places = forms.IntegerField(
        label=gettext_lazy("당첨자 수"), min_value=1, max_value=MOST_PLACES, initial=1
    )
    buyers_only = forms.BooleanField(label=gettext_lazy("이 방송에서 산 사람만"), required=False)
    field_order = ["question", "places", "seconds", "buyers_only"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["question"].label = _("무엇을 드리나요?")


FORMS: dict[str, type[_ActivityForm]] = {
    Activity.Kind.POLL: PollForm,
    Activity.Kind.QUIZ: QuizForm,
    Activity.Kind.DRAW: DrawForm,
}
