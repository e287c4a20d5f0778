from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from chat.support.actions import MOST_CHARACTERS
from common.polite_forms import ask_politely
from orders.payments.labels import offered
from orders.tips import LEAST, MOST


class SupportForm(forms.Form):
    """How much, with which words, and how it is paid. `key` makes a second press the same message."""

    amount = forms.IntegerField(
        label=_("후원 금액(원)"),
        min_value=LEAST,
        max_value=MOST,
        error_messages={
            "min_value": _("1,000원부터 후원할 수 있어요."),
            "max_value": _("한 번에 1,000,000원까지 후원할 수 있어요."),
            "invalid": _("금액을 숫자로 적어 주세요."),
        },
        widget=forms.NumberInput(attrs={"inputmode": "numeric", "step": 100}),
    )
    text = forms.CharField(
        label=_("전할 말"),
        required=False,
        max_length=MOST_CHARACTERS,
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": MOST_CHARACTERS}),
    )
    method = forms.ChoiceField(label=_("결제 방법"))
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choices = [(label.method, label.name) for label in offered()]
        self.fields["method"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("key", uuid4())
        self.initial.setdefault("amount", 5 * LEAST)
        ask_politely(self)
