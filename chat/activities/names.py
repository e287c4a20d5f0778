"""How a member is named to everybody where the whole name is nobody's business."""

from django.utils.translation import gettext as _

from accounts.models import User


def masked(member: User | None) -> str:
    """Return "김**" for "김하늘"; a guest is "손님"."""
    return f"{member.nickname[:1]}**" if member else _("손님")
