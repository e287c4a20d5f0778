from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from accounts.actions import join
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Lets allauth's sign-up end in our own action."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: ANN401
        super().save_user(request, user, form, commit=False)
        for field in form.PROFILE_FIELDS:
            setattr(user, field, form.cleaned_data[field])
        return join(user, consents=form.granted_consents()) if commit else user
