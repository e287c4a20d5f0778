from typing import Any, cast

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Address, Consent, User
from common.codes import new_code
from common.polite_forms import ask_politely


class ProfileFields(forms.ModelForm):
    """The member's own fields with the model's rules; the sign-up form takes them from here."""

    class Meta:
        model = User
        fields = ["name", "nickname", "kind", "phone", "postcode", "address", "address_detail"]
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "nickname": forms.TextInput(attrs={"autocomplete": "nickname"}),
            "kind": forms.RadioSelect,
            "phone": forms.TextInput(
                attrs={"autocomplete": "tel", "inputmode": "tel", "placeholder": "010-1234-5678"}
            ),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
            "address": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "address_detail": forms.TextInput(attrs={"autocomplete": "address-line2"}),
        }


class SignupForm(AllauthSignupForm):
    """ID, password and e-mail from allauth, then who the member is and what they agree to."""

    PROFILE_FIELDS = ProfileFields.Meta.fields

    agree_terms = forms.BooleanField(
        label=_("이용약관에 동의해요"), error_messages={"required": _("이용약관에 동의해 주세요.")}
    )
    agree_privacy = forms.BooleanField(
        label=_("개인정보 수집과 이용에 동의해요"),
        error_messages={"required": _("개인정보 수집과 이용에 동의해 주세요.")},
    )
    agree_age = forms.BooleanField(
        label=_("만 14세 이상이에요"), error_messages={"required": _("만 14세 이상만 가입할 수 있어요.")}
    )
    agree_marketing = forms.BooleanField(label=_("혜택과 소식을 받을게요"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        profile = ProfileFields()
        for name in self.PROFILE_FIELDS:
            self.fields[name] = profile.fields[name]
            # A form outside its model does not run the column's own validators.
            column = cast(models.Field, User._meta.get_field(name))
            self.fields[name].validators += column.validators
        self.fields["nickname"].required = False
        self.fields["nickname"].help_text = _(
            "채팅과 방송에 보이는 이름이에요. 비워 두면 저희가 지어 드려요."
        )
        self.fields["username"].label = _("아이디")
        self.fields["password1"].help_text = _("8자 이상으로, 흔한 비밀번호나 숫자만으로는 만들 수 없어요.")
        self.fields["kind"].initial = User.Kind.PERSONAL
        for name in ("postcode", "address"):
            self.fields[name].required = True
        for name in ("username", "email", "password1", "password2"):
            self.fields[name].widget.attrs.pop("placeholder", None)  # it would only repeat the label
        ask_politely(self)

    def clean_nickname(self) -> str:
        nickname = self.cleaned_data["nickname"].strip() or f"회원{new_code()[:6]}"
        if User.objects.filter(nickname__iexact=nickname).exists():
            raise forms.ValidationError(_("이미 쓰고 있는 닉네임이에요. 다른 이름을 적어 주세요."))
        return nickname

    def granted_consents(self) -> list[Consent.Subject]:
        return [subject for subject in Consent.Subject if self.cleaned_data[f"agree_{subject}"]]


class AddressForm(forms.ModelForm):
    """One address of the book."""

    class Meta:
        model = Address
        fields = ["label", "name", "phone", "postcode", "address", "address_detail", "is_default"]
        widgets = {
            "label": forms.TextInput(attrs={"placeholder": _("집, 회사")}),
            "name": forms.TextInput(attrs={"autocomplete": "name"}),
            "phone": forms.TextInput(
                attrs={"autocomplete": "tel", "inputmode": "tel", "placeholder": "010-1234-5678"}
            ),
            "postcode": forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
            "address": forms.TextInput(attrs={"autocomplete": "address-line1"}),
            "address_detail": forms.TextInput(attrs={"autocomplete": "address-line2"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        ask_politely(self)
