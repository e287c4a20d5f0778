"""Provider events over HTTP, for whoever cannot reach the queue. docs/events.md is the contract."""

import hashlib
import hmac
import json
import re
import time

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from media_pipeline import inbox
from media_pipeline.applying import Envelope

MAX_BYTES = 256 * 1024
MOST_ENVELOPES = 100
CLOCK_SECONDS = 300
"""By how much a signature's time may differ from ours; older requests are somebody's copies."""

SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


@csrf_exempt  # programs call it: the signature says who they are
@require_POST
def receive_events(request: HttpRequest) -> HttpResponse:
    """Keep one envelope or a list of them, all or none: 202, or 200 when every one was here before."""
    if not settings.EVENTS_WEBHOOK_SECRET:
        raise Http404
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse("too large", status=413)
    if len(body) > MAX_BYTES:
        return HttpResponse("too large", status=413)
    if not is_signed(body, request.headers.get("X-Events-Signature", ""), now=time.time()):
        return HttpResponse("wrong signature", status=401)
    envelopes = _listed(body)
    if envelopes is not None and len(envelopes) > MOST_ENVELOPES:
        return HttpResponse("too many", status=413)
    with transaction.atomic():
        kept = (
            [inbox.accept_text(body)]
            if envelopes is None
            else [inbox.accept(envelope) for envelope in envelopes]
        )
    answer = {"kept": kept.count(True), "doubled": kept.count(False)}
    return JsonResponse(answer, status=202 if any(kept) else 200)


def is_signed(body: bytes, header: str, *, now: float) -> bool:
    """Whether the header signs this body with our secret, now (Unix seconds) or some minutes around it."""
    found = SIGNATURE.fullmatch(header)
    if not found or abs(now - int(found[1])) > CLOCK_SECONDS:
        return False
    signed = hmac.new(settings.EVENTS_WEBHOOK_SECRET.encode(), f"{found[1]}.".encode() + body, hashlib.sha256)
    return hmac.compare_digest(signed.hexdigest(), found[2])


def _listed(body: bytes) -> list[Envelope] | None:
    """Return the envelopes of a list, None if the body is anything else."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, list) else None
