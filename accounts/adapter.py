from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from accounts.actions import join
from accounts.models import User


class AccountAdapter(DefaultAccountAdapter):
    """Lets allauth's sign-up end in our own action, and its mails speak in the site's name."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = SimpleNamespace(name=settings.SITE_NAME, domain=urlsplit(settings.SITE_URL).netloc)
        super().send_mail(template_prefix, email, context | {"current_site": site})

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: ANN401
        super().save_user(request, user, form, commit=False)
        for field in form.PROFILE_FIELDS:
            setattr(user, field, form.cleaned_data[field])
        return join(user, consents=form.granted_consents()) if commit else user
