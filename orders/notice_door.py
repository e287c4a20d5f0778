"""The address that payment providers call."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from common.limits import too_often
from orders.notices import keep_notice
from orders.payments.base import BadSignature
from orders.tasks import settle_notice

MAX_BYTES = 64 * 1024
MOST_A_MINUTE = 3000
"""Of one provider: far more than a rush brings, and few enough for the database when somebody makes them up."""


@csrf_exempt  # programs call it: the signature says who they are, and what has none is only a hint
@require_POST
def receive_notice(request: HttpRequest, method: str) -> HttpResponse:
    """Keep a call and have it looked at: 200, also for one that was here before; whatever else is sent again."""
    if method not in settings.PAYMENTS:
        raise Http404
    if too_often("notice", method, most=MOST_A_MINUTE, seconds=60):
        return HttpResponse("too many", status=429)
    try:
        body = request.body
    except RequestDataTooBig:
        return HttpResponse("too large", status=413)
    if len(body) > MAX_BYTES:
        return HttpResponse("too large", status=413)
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        notice = keep_notice(method, headers, body)
    except BadSignature:
        return HttpResponse("wrong signature", status=401)
    except (ValueError, RecursionError):
        return HttpResponse("unreadable", status=400)
    if notice:
        settle_notice.delay(notice.pk)
    return HttpResponse("ok")
