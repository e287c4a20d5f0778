"""What a form says when a required answer is missing: which one, and what to do, in the site's own voice."""

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def with_object_particle(noun: str) -> str:
    """Return a Korean noun with 을 or 를, whichever its last syllable asks for."""
    syllable = ord(noun[-1]) - ord("가")
    is_hangul = 0 <= syllable < 11_172
    return f"{noun}{'을' if is_hangul and syllable % 28 else '를'}"


def ask_politely(form: forms.BaseForm) -> None:
    """Give every required field that has only Django's own message one that names the field."""
    for field in form.fields.values():
        if field.error_messages.get("required") != forms.Field.default_error_messages["required"]:
            continue
        label = str(field.label or "")
        noun = with_object_particle(label) if label and get_language() == "ko" else label
        chosen = isinstance(field, forms.ChoiceField | forms.ModelChoiceField)
        sentence = _("%(noun)s 골라 주세요.") if chosen else _("%(noun)s 적어 주세요.")
        field.error_messages["required"] = sentence % {"noun": noun}
