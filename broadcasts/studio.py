"""Pages for the seller: channel, new broadcast, control room. All of them need sign-in and ownership."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from accounts.socket_ticket import give_ticket
from broadcasts import actions
from broadcasts.access import get_kept_broadcast, get_own_broadcast, get_own_channel
from broadcasts.camera.views import show_to_start
from broadcasts.channels import ChannelBusy
from broadcasts.forms import MAX_PRODUCTS, BroadcastForm, NewProducts
from broadcasts.lineup_studio import lineup_context
from broadcasts.models import Broadcast
from broadcasts.on_air import known_streams, samples_of
from broadcasts.playback import live_address
from broadcasts.viewers import with_viewers
from catalog.actions import create_product
from common.errors import DomainError, IllegalMove, ProviderError
from common.htmx import is_partial

BROADCASTS_PER_PAGE = 20


@require_safe
@login_required
def studio(request: MemberRequest) -> HttpResponse:
    channel = get_own_channel(request.user)
    own = Broadcast.objects.for_cards().filter(channel=channel).order_by("-created_at")
    page = Paginator(own, BROADCASTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "broadcasts/studio.html", {"page": page, "channel": channel})


@require_safe
@login_required
@never_cache
def ingest_card(request: MemberRequest) -> HttpResponse:
    """Ingest server and masked stream key; the key itself never stands in a page."""
    channel = get_own_channel(request.user)
    if is_partial(request):
        return render(request, "broadcasts/_ingest_card.html", {"channel": channel})
    context = {"channel": channel, "show": show_to_start(request, channel)}
    return render(request, "broadcasts/channel.html", context)


@require_POST
@login_required
@never_cache
def stream_key(request: MemberRequest) -> JsonResponse:
    """Hand the owner's browser the stream key for its copy button."""
    return JsonResponse({"stream_key": get_own_channel(request.user).stream_key})


@require_POST
@login_required
@never_cache
def rotate_key(request: MemberRequest) -> HttpResponse:
    channel = get_own_channel(request.user)
    error = ""
    try:
        actions.rotate_stream_key(channel.pk)
    except (ChannelBusy, actions.ChannelNotReady) as refusal:
        error = refusal.message
    except ProviderError:
        error = _("방송 서버가 답하지 않아요. 잠시 뒤에 다시 시도해 주세요.")
    channel.refresh_from_db()
    if is_partial(request):
        context = {"channel": channel, "rotated": not error, "error": error}
        return render(request, "broadcasts/_ingest_card.html", context)
    if error:
        messages.error(request, error)
    else:
        messages.success(request, _("새 스트림 키를 발급했어요. 방송 프로그램에 새 키를 넣어 주세요."))
    return redirect("broadcasts:ingest_card")


@login_required
def create(request: MemberRequest) -> HttpResponse:
    channel = get_own_channel(request.user)
    data = request.POST if request.method == "POST" else None
    form = BroadcastForm(data, seller=request.user)
    product_forms = NewProducts(data, prefix="new", form_kwargs={"owner": request.user})
    if request.method == "POST" and form.is_valid() and product_forms.is_valid():
        new = [product for product in product_forms if product.has_changed()]
        chosen = form.cleaned_data["products"]
        if not 1 <= len(new) + len(chosen) <= MAX_PRODUCTS:
            form.add_error(None, _("상품을 하나 이상, 20개까지 넣어 주세요."))
        else:
            broadcast = _create(request.user, form, chosen, new)
            return redirect("broadcasts:control_room", broadcast.code)
    context = {"form": form, "product_forms": product_forms, "channel": channel}
    status = 422 if request.method == "POST" else 200
    return render(request, "broadcasts/create.html", context, status=status)


@transaction.atomic
def _create(seller: User, form: BroadcastForm, chosen: list, new: list) -> Broadcast:
    live_prices = {product.pk: price for product in chosen if (price := form.live_price(product.code))}
    made = []
    for product_form in new:
        made.append(create_product(seller, **product_form.product_values()))
        if price := product_form.cleaned_data["live_price"]:
            live_prices[made[-1].pk] = price
    return actions.create_broadcast(
        get_own_channel(seller),
        title=form.cleaned_data["title"],
        products=[*chosen, *made],
        live_prices=live_prices,
        by=seller,
    )


@require_safe
@login_required
def control_room(request: MemberRequest, code: str) -> HttpResponse:
    """The seller's desk during a show; moderators get it without what is the seller's alone."""
    broadcast = get_kept_broadcast(request.user, code)
    with_viewers([broadcast])
    context = lineup_context(request, broadcast) | {
        "channel": broadcast.channel,
        "preview_url": live_address(broadcast.channel),
        "socket_path": f"/ws/rooms/{broadcast.code}/",
    }
    response = render(request, "broadcasts/control_room.html", context)
    give_ticket(request, response)
    return response


@require_safe
@login_required
@never_cache
def signal(request: MemberRequest, code: str) -> HttpResponse:
    """What arrives from the encoder and what is wrong with it; the control room asks every few seconds."""
    broadcast = get_kept_broadcast(request.user, code)
    channel = broadcast.channel
    try:
        stream = next((stream for stream in known_streams() if stream.ref == channel.provider_ref), None)
    except ProviderError:
        stream = None
    context = {
        "channel": channel,
        "broadcast": broadcast,
        "stream": stream,
        "problems": channel.problems,
        "preview_url": live_address(channel),
    }
    return render(request, "broadcasts/_signal.html", context)


@require_safe
@login_required
@never_cache
def signal_samples(request: MemberRequest, code: str) -> JsonResponse:
    """What arrived over the last minutes, for the plot: {"samples": [[seconds since 1970, kbit/s, frames/s], …]}."""
    channel = get_kept_broadcast(request.user, code).channel
    return JsonResponse({"samples": samples_of(channel.provider_ref or "")})


@require_POST
@login_required
def start(request: MemberRequest, code: str) -> HttpResponse:
    refusal = _("이미 끝났거나 취소한 방송은 시작할 수 없어요.")
    return _move(request, code, actions.start_broadcast, refusal=refusal)


@require_POST
@login_required
def end(request: MemberRequest, code: str) -> HttpResponse:
    return _move(request, code, actions.end_broadcast, refusal=_("방송 중일 때만 끝낼 수 있어요."))


@require_POST
@login_required
def cancel(request: MemberRequest, code: str) -> HttpResponse:
    refusal = _("방송을 시작한 뒤에는 취소할 수 없어요. 방송 종료를 눌러 주세요.")
    return _move(request, code, actions.cancel_broadcast, refusal=refusal)


def _move(request: MemberRequest, code: str, action: Callable[..., None], *, refusal: str) -> HttpResponse:
    """Do it to the seller's own broadcast and go back to the control room, saying why if it may not be done."""
    broadcast = get_own_broadcast(request.user, code)
    try:
        action(broadcast.pk, by=request.user)
    except IllegalMove:
        messages.error(request, refusal)
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("broadcasts:control_room", code)
