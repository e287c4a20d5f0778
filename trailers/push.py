"""A browser's leave to send it notices: given and taken back by its member. Bodies are JSON."""

import json
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from trailers.models import PushSubscription
from trailers.pushing import BROWSERS_A_MEMBER, BadSubscription, check_endpoint, check_keys, public_key

WORKER = settings.BASE_DIR / "static" / "js" / "site" / "push_worker.js"


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, served at the root so that it may act for the whole site; browsers ask for it anew."""
    response = HttpResponse(WORKER.read_bytes(), content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@require_safe
def key(request: HttpRequest) -> JsonResponse:
    """`{"key"}`: what a browser subscribes with. 404 where push is not set up."""
    if not settings.VAPID_PRIVATE_KEY:
        raise Http404
    return JsonResponse({"key": public_key()})


@require_POST
@login_required
@never_cache
def subscribe(request: MemberRequest) -> JsonResponse:
    """Take the browser's own subscription `{"endpoint", "keys": {"p256dh", "auth"}}`: 201, or 422 with words."""
    if not settings.VAPID_PRIVATE_KEY:
        raise Http404
    try:
        endpoint, p256dh, auth = _subscription(request.body)
        check_endpoint(endpoint)
        check_keys(p256dh, auth)
    except BadSubscription:
        return JsonResponse(
            {"error": _("이 브라우저의 알림은 아직 보낼 수 없어요. 메일로 알려 드릴게요.")}, status=422
        )
    keep_subscription(request.user, endpoint=endpoint, p256dh=p256dh, auth=auth)
    return JsonResponse({}, status=201)


@require_POST
@login_required
@never_cache
def unsubscribe(request: MemberRequest) -> HttpResponse:
    """Forget the member's browser `{"endpoint"}`; 204 also when it was not known."""
    endpoint = str(_body(request.body).get("endpoint", ""))
    with suppress(BadSubscription):
        check_endpoint(endpoint)
        PushSubscription.objects.by_endpoint(endpoint).filter(member=request.user).delete()
    return HttpResponse(status=204)


@transaction.atomic
def keep_subscription(member: User, *, endpoint: str, p256dh: str, auth: str) -> None:
    """Keep the browser for this member, whoever used it before; of many browsers only the newest ones."""
    PushSubscription.objects.update_or_create(
        endpoint_digest=PushSubscription.digest(endpoint),
        defaults={
            "member": member,
            "endpoint": endpoint,
            "p256dh": p256dh,
            "auth": auth,
            "created_at": timezone.now(),
            "failed_at": None,
        },
    )
    own = PushSubscription.objects.filter(member=member).order_by("-created_at", "-pk")
    oldest = list(own.values_list("pk", flat=True)[BROWSERS_A_MEMBER:])
    PushSubscription.objects.filter(pk__in=oldest).delete()


def _body(body: bytes) -> dict[str, Any]:
    try:
        data = json.loads(body)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _subscription(body: bytes) -> tuple[str, str, str]:
    data = _body(body)
    keys = data.get("keys")
    parts = [
        data.get("endpoint"),
        *((keys.get("p256dh"), keys.get("auth")) if isinstance(keys, dict) else ()),
    ]
    if len(parts) != 3 or not all(isinstance(part, str) for part in parts):
        raise BadSubscription("not a subscription")
    endpoint, p256dh, auth = map(str, parts)
    return endpoint, p256dh, auth
