from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import ForeignKeyRawIdWidget

from common.codes import new_code
from orders.models import Transfer

MOST_WON = 100_000_000


class CorrectionForm(forms.ModelForm):
    """The only row that staff write into the books: a correction with its reason."""

    won = forms.IntegerField(
        label="금액(원)",
        min_value=-MOST_WON,
        max_value=MOST_WON,
        help_text="판매자에게 더 주면 +, 덜 주면 -로 적어 주세요.",
    )
    note = forms.CharField(label="이유", max_length=200)
    key = forms.CharField(widget=forms.HiddenInput, max_length=12, initial=new_code)
    """The same form sent twice is one correction."""

    class Meta:
        model = Transfer
        fields = ["seller", "note"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        seller = self.fields["seller"]
        seller.required = True
        seller.widget = ForeignKeyRawIdWidget(Transfer._meta.get_field("seller").remote_field, admin.site)

    def clean_won(self) -> int:
        won: int = self.cleaned_data["won"]
        if won == 0:
            raise forms.ValidationError("0이 아닌 금액을 적어 주세요.")
        return won

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if Transfer.objects.filter(once=f"correction:{key}").exists():
            raise forms.ValidationError("이미 적은 조정이에요.")
        return key
