"""Whose sessions these are right now."""

from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import User
from common.prepared import Prepared


def signed_in_members(session_keys: Collection[str]) -> dict[str, User]:
    """Return the member of each session: of none that is signed out, deactivated or under an old password.

    Two queries for any number of them; what `django.contrib.auth.get_user` asks, without renewing anything. The
    site keeps its sessions in the database.
    """
    sessions = Session.objects.filter(session_key__in=session_keys, expire_date__gt=timezone.now())
    proofs = {key: _proof_in(data) for key, data in sessions.values_list("session_key", "session_data")}
    owners = {proof.owner for proof in proofs.values()} - {0}
    members = {member.pk: member for member in _members.rows(*owners)} if owners else {}
    return {
        key: members[proof.owner]
        for key, proof in proofs.items()
        if proof.owner in members and _may_use(members[proof.owner], proof)
    }


_members = Prepared(lambda *pks: User.objects.filter(pk__in=pks))


class _Proof(NamedTuple):
    """What a session says of its member; nothing if nobody is signed in."""

    owner: int = 0
    backend: str = ""
    hash: str = ""


@lru_cache(maxsize=20_000)
def _proof_in(session_data: str) -> _Proof:
    """Read what the database keeps of a session. Those who write a lot come with the same again and again."""
    content = SessionStore().decode(session_data)
    if SESSION_KEY not in content:
        return _Proof()
    return _Proof(
        int(content[SESSION_KEY]), content.get(BACKEND_SESSION_KEY, ""), content.get(HASH_SESSION_KEY, "")
    )


def _may_use(member: User, proof: _Proof) -> bool:
    if not member.is_active or proof.backend not in settings.AUTHENTICATION_BACKENDS:
        return False
    hashes = [member.get_session_auth_hash(), *member.get_session_auth_fallback_hash()]
    return any(constant_time_compare(proof.hash, known) for known in hashes)
