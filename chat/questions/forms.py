from django import forms
from django.utils.translation import gettext_lazy as _

from common.polite_forms import ask_politely


class AnswerForm(forms.Form):
    """A seller's answer in writing."""

    text = forms.CharField(
        label=_("답변"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000})
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        ask_politely(self)
