"""The line-up in the control room: what is pinned, what it costs, in which order it stands."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts import actions
from broadcasts.access import get_kept_broadcast, get_own_broadcast
from broadcasts.lineup_order import arrange_lineup, moved
from broadcasts.live_price import BadPrice, set_live_price
from broadcasts.models import Broadcast
from common.errors import IllegalMove
from common.htmx import is_partial


@require_safe
@login_required
@never_cache
def control_lineup(request: MemberRequest, code: str) -> HttpResponse:
    """The line-up as it stands now; moderators see it, only the seller changes it."""
    broadcast = get_kept_broadcast(request.user, code)
    return render(request, "broadcasts/_control_lineup.html", lineup_context(request, broadcast))


def lineup_context(request: MemberRequest, broadcast: Broadcast) -> dict[str, object]:
    """Return what `_control_lineup.html` reads."""
    return {
        "broadcast": broadcast,
        "lineup": broadcast.lineup.all(),
        "is_seller": broadcast.channel.member_id == request.user.pk,
    }


@require_POST
@login_required
def pin(request: MemberRequest, code: str) -> HttpResponse:
    broadcast = get_own_broadcast(request.user, code)
    try:
        actions.pin_product(broadcast.pk, request.POST.get("product") or None, by=request.user)
    except IllegalMove:
        messages.error(request, _("끝난 방송에는 상품을 고정할 수 없어요."))
    except actions.NotInLineup as refusal:
        messages.error(request, refusal.message)
    return _lineup(request, code)


@require_POST
@login_required
def live_price(request: MemberRequest, code: str) -> HttpResponse:
    """What a product costs while the show is on the air; an empty `price` is the usual one."""
    broadcast = get_own_broadcast(request.user, code)
    product, text = request.POST.get("product", ""), request.POST.get("price", "").strip()
    try:
        price = int(text) if text else None
        set_live_price(broadcast.pk, product, price, by=request.user)
    except IllegalMove:
        messages.error(request, _("끝난 방송의 가격은 바꿀 수 없어요."))
    except (ValueError, BadPrice) as error:
        problem = error.message if isinstance(error, BadPrice) else _("가격을 숫자로 적어 주세요.")
        if not is_partial(request):
            messages.error(request, problem)
        context = {"bad_price": product, "bad_value": text, "price_error": problem}
        return _lineup(request, code, context, status=422)
    return _lineup(request, code)


@require_POST
@login_required
def arrange(request: MemberRequest, code: str) -> HttpResponse:
    """The order of the products: the whole (`order`, once for each code) or one step (`product` and `step`)."""
    broadcast = get_own_broadcast(request.user, code)
    order = request.POST.getlist("order")
    if not order:
        codes = [item.product.code for item in broadcast.lineup.all()]
        step = -1 if request.POST.get("step") == "up" else 1
        order = moved(codes, request.POST.get("product", ""), step)
    try:
        arrange_lineup(broadcast.pk, order, by=request.user)
    except IllegalMove:
        messages.error(request, _("끝난 방송의 상품 순서는 바꿀 수 없어요."))
    return _lineup(request, code)


def _lineup(
    request: MemberRequest, code: str, context: dict[str, str] | None = None, *, status: int = 200
) -> HttpResponse:
    """The line-up of the control room alone for htmx, else the whole page anew."""
    if not is_partial(request):
        return redirect("broadcasts:control_room", code)
    page = lineup_context(request, get_own_broadcast(request.user, code)) | (context or {})
    return render(request, "broadcasts/_control_lineup.html", page, status=status)
