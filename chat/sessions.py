"""Whose sessions these are right now."""

from collections.abc import Collection

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User


def signed_in_members(session_keys: Collection[str]) -> dict[str, User]:
    """Return the member of each session: of none that is signed out, deactivated or under an old password.

    Two queries for any number of them; what `django.contrib.auth.get_user` asks, without renewing anything. The
    site keeps its sessions in the database.
    """
    rows = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    contents = {row.session_key: row.get_decoded() for row in rows}
    owners = {key: content[SESSION_KEY] for key, content in contents.items() if SESSION_KEY in content}
    members = {str(member.pk): member for member in User.objects.filter(pk__in=set(owners.values()))}
    return {
        key: members[owner]
        for key, owner in owners.items()
        if owner in members and _may_use(members[owner], contents[key])
    }


def _may_use(member: User, content: dict[str, str]) -> bool:
    if not member.is_active or content.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return False
    proof = content.get(HASH_SESSION_KEY, "")
    hashes = [member.get_session_auth_hash(), *member.get_session_auth_fallback_hash()]
    return any(constant_time_compare(proof, known) for known in hashes)
