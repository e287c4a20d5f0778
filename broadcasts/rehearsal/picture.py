"""The picture of a rehearsal, handed on piece by piece.

A live picture's address is the same for all shows of a channel: who has it could look in before later ones. So the
built-in provider's picture goes through this site, for a few guests; a provider whose addresses run out gives one.
"""

import re
from dataclasses import dataclass

import httpx
from django.urls import reverse

from broadcasts.playback import live_address
from broadcasts.rehearsal.models import Rehearsal
from broadcasts.streaming import streaming
from common.errors import ProviderError

TIMEOUT = httpx.Timeout(15, connect=2)
"""A playlist that announces the next part is answered when that part is there."""

PIECE = re.compile(r"[A-Za-z0-9_-]{1,80}(?:\.\d{1,4})?\.(?:m3u8|m4s|mp4)")
"""A playlist, an init segment, a segment ("000009-ussKLe.m4s") or a part of one ("000009-ussKLe.0.m4s")."""

QUERY = re.compile(r"(?:_HLS_(?:msn|part|skip)=\w{1,12}&?){0,3}")


@dataclass(frozen=True)
class Piece:
    """What the provider answered; `status` is HTTP's."""

    status: int
    content_type: str
    data: bytes


def picture_address(rehearsal: Rehearsal) -> str:
    """Return where a guest's player finds the picture; "" while the channel has none."""
    channel = rehearsal.broadcast.channel
    if channel.provider_ref and streaming().live_origin(channel.provider_ref):
        return reverse("broadcasts:rehearsal_picture", args=[rehearsal.code, "index.m3u8"])
    return live_address(channel)


def read_piece(rehearsal: Rehearsal, name: str, query: str) -> Piece | None:
    """Fetch a playlist, segment or part; None for what is no name of one. Raises ProviderError."""
    ref = rehearsal.broadcast.channel.provider_ref
    origin = streaming().live_origin(ref) if ref else ""
    if not origin or not PIECE.fullmatch(name) or not QUERY.fullmatch(query):
        return None
    try:
        answer = httpx.get(f"{origin}{name}?{query}", timeout=TIMEOUT, trust_env=False)
    except httpx.HTTPError as error:
        raise ProviderError(f"ingest does not answer: {type(error).__name__}") from error
    return Piece(answer.status_code, answer.headers.get("Content-Type", ""), answer.content)
