"""The only ways from a request to a broadcast: each says who may."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import User
from broadcasts.models import Broadcast, Channel, Moderator


def get_broadcast_to_watch(code: str) -> Broadcast:
    """Return a broadcast anybody may watch, with all a page about it reads; 404 otherwise."""
    broadcast = Broadcast.objects.for_cards().filter(code=code).first()
    if broadcast is None:
        raise Http404
    return broadcast


def get_own_broadcast(user: User | AnonymousUser, code: str) -> Broadcast:
    """Return the seller's own broadcast: 404 if there is none, 403 for everybody else."""
    broadcast = get_broadcast_to_watch(code)
    if broadcast.channel.member_id != user.pk:
        raise PermissionDenied
    return broadcast


def keeps_order(user: User | AnonymousUser, broadcast: Broadcast) -> bool:
    """Whether this is the seller or one of the channel's moderators. Reads the channel; takes one query at most."""
    if not user.is_authenticated:
        return False
    channel = broadcast.channel
    return channel.member_id == user.pk or Moderator.objects.filter(channel=channel, member=user).exists()


def get_kept_broadcast(user: User | AnonymousUser, code: str) -> Broadcast:
    """Return a broadcast for its seller or a moderator: 404 if there is none, 403 for everybody else."""
    broadcast = get_broadcast_to_watch(code)
    if not keeps_order(user, broadcast):
        raise PermissionDenied
    return broadcast


def get_own_channel(user: User) -> Channel:
    """Return the member's channel, which every member has from sign-up on (404 for staff made otherwise)."""
    channel = Channel.objects.filter(member=user).first()
    if channel is None:
        raise Http404
    return channel
