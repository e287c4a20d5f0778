"""Every write to members that means something."""

from collections.abc import Collection

from django.db import transaction

from accounts.models import Consent, User
from accounts.signals import member_joined

TEXT_VERSION = "2026-11"


def set_avatar(member: User, stored_name: str) -> None:
    """Show this picture (its name in the default storage) beside the member's nickname, or none for ""."""
    User.objects.filter(pk=member.pk).update(avatar=stored_name)


@transaction.atomic
def join(member: User, *, consents: Collection[Consent.Subject]) -> User:
    """Save a new member with what they agreed to; `member_joined` follows the commit."""
    member.save()
    Consent.objects.bulk_create(
        Consent(member=member, subject=subject, text_version=TEXT_VERSION) for subject in consents
    )
    transaction.on_commit(lambda: member_joined.send_robust(User, member_id=member.pk), robust=True)
    return member
