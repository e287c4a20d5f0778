from collections.abc import Iterable
from typing import Any, Self

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.polite_forms import ask_politely
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset
from orders.carriers import CHOICES, WrongTracking, clean_tracking
from orders.claims import reasons_for
from orders.disputes import SUBJECTS
from orders.models import Claim, Order, OrderLine
from orders.refunds import pieces_gone


class PiecesForm(forms.Form):
    """How many pieces of each line; a field a line, filled with all there are."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    """How many pieces had gone back when this was shown: a form that is sent twice counts once."""

    def __init__(self, *args: Any, order: Order, lines: Iterable[OrderLine], **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = pieces_gone(order)
        self.lines = list(lines)
        for line in self.lines:
            rest = line.quantity - line.returned
            self.fields[f"line_{line.pk}"] = forms.IntegerField(
                label=_("수량"),
                min_value=0,
                max_value=rest,
                initial=rest,
                required=False,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
                error_messages={
                    "invalid": _("수량은 숫자로 적어 주세요."),
                    "min_value": _("수량은 0개부터예요."),
                    "max_value": _("%(limit_value)s개까지 고를 수 있어요."),
                },
            )

    @property
    def rows(self) -> list[tuple[OrderLine, forms.BoundField]]:
        return [(line, self[f"line_{line.pk}"]) for line in self.lines]

    @property
    def pieces(self) -> dict[int, int]:
        """{line id: count} of what was chosen; read it once the form is valid."""
        counts = {line.pk: self.cleaned_data[f"line_{line.pk}"] or 0 for line in self.lines}
        return {line_id: count for line_id, count in counts.items() if count}

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors and not self.pieces:
            raise forms.ValidationError(_("상품을 하나 이상 골라 주세요."))
        return values


class ClaimForm(PiecesForm):
    """Why and what; everything is chosen beforehand, so that a second click is enough."""

    reason = forms.ChoiceField(label=_("사유"))
    text = forms.CharField(
        label=_("자세한 내용"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 1000}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        choices = reasons_for(kind)
        self.fields["reason"].choices = choices  # type: ignore[attr-defined]
        self.fields["reason"].initial = choices[0][0]
        ask_politely(self)


class ParcelForm(forms.Form):
    """What something was sent with: a carrier and its number, bare digits once it is clean."""

    carrier = forms.ChoiceField(label=_("택배사"), choices=CHOICES)
    number = forms.CharField(
        label=_("운송장 번호"), max_length=30, widget=forms.TextInput(attrs={"inputmode": "numeric"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)

    @classmethod
    def showing(cls, sent: Order | Claim) -> Self:
        """Return a form filled with what stands there so far."""
        return cls(initial={"carrier": sent.carrier or "cj", "number": sent.tracking_number})

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "carrier" in values and "number" in values:
            try:
                values["number"] = clean_tracking(values["carrier"], values["number"])
            except WrongTracking as refusal:
                self.add_error("number", refusal.message)
        return values


class DisputeMessageForm(forms.Form):
    """What one side says, with a picture if the writer has an account to upload it with."""

    text = forms.CharField(
        label=_("내용"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4, "maxlength": 2000})
    )
    photo = AssetField(label=_("사진"), purpose=Asset.Purpose.PRODUCT, required=False)

    def __init__(self, *args: Any, author: User | None, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        if author is None:
            del self.fields["photo"]
        else:
            self.fields["photo"].owner = author  # type: ignore[attr-defined]
        ask_politely(self)

    @property
    def photo_asset(self) -> Asset | None:
        return self.cleaned_data.get("photo")


class DisputeForm(DisputeMessageForm):
    """What is wrong, said for the first time."""

    subject = forms.ChoiceField(label=_("어떤 문제인가요?"), choices=list(SUBJECTS.items()))
    field_order = ["subject", "text", "photo"]


class FindForm(forms.Form):
    """Which order a guest looks for."""

    order = forms.CharField(
        label=_("주문번호"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "placeholder": "20261121-7K3M-9QXA"}),
    )
    email = forms.EmailField(
        label=_("주문할 때 적은 이메일"), widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)

    def clean_order(self) -> str:
        return str(self.cleaned_data["order"]).strip().upper()


class FindCodeForm(forms.Form):
    """The six digits from the mail."""

    digits = forms.RegexField(
        r"^\s*\d{6}\s*$",
        label=_("메일로 받은 6자리 숫자"),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 6}
        ),
        error_messages={"invalid": _("숫자 6자리를 적어 주세요.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
