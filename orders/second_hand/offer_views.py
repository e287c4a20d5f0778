"""Pages of offers: the corner of the product page where one begins, my offers, and one with its steps and answers."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from catalog.models import Product
from common.errors import DomainError
from common.htmx import is_partial
from common.limits import too_often
from orders.checkout.starting import address_for
from orders.models import Offer
from orders.second_hand import offers
from orders.second_hand.access import get_offer_for, get_own_offer, get_product_to_offer_on
from orders.second_hand.forms import OfferForm, PriceForm, SeenPriceForm

OFFERS_PER_PAGE = 20
STEPS_A_MINUTE = 10


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def slot(request: HttpRequest, product: str) -> HttpResponse:
    """Where one makes an offer: a part of the product page, or a page of its own for browsers without scripts."""
    shown = get_product_to_offer_on(product)
    form = OfferForm(request.POST or None, product=shown)
    if request.method == "POST":
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
        if too_often("offer", request.user.pk, most=STEPS_A_MINUTE, seconds=60):
            return render(request, "429.html", status=429)
        if form.is_valid():
            try:
                offer = offers.make_offer(
                    form.cleaned_data["variant"].pk,
                    buyer=request.user,
                    price=form.cleaned_data["price"],
                    message=form.cleaned_data["message"],
                )
            except DomainError as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _("제안을 보냈어요. 판매자가 답하면 알려 드릴게요."))
                return redirect("orders:offer", offer.code)
    template = "orders/second_hand/_offer.html" if is_partial(request) else "orders/second_hand/make.html"
    return render(request, template, _slot_context(request, shown, form), status=422 if form.errors else 200)


def _slot_context(request: HttpRequest, product: Product, form: OfferForm) -> dict[str, object]:
    running = Offer.objects.filter(offers.running_at(), variant__product=product)
    is_own = product.seller_id == request.user.pk
    own = None
    if request.user.is_authenticated and not is_own:
        own = running.filter(buyer=request.user).first()
    page = reverse("catalog:product", args=[product.code])
    return {
        "product": product,
        "form": form,
        "own": own,
        "is_own_product": is_own,
        "received": running.count() if is_own else 0,
        "may_offer": product.deal in offers.DEALS and product.state == Product.State.ON_SALE,
        "least_percent": offers.LEAST_PERCENT,
        "login_url": f"{reverse('account_login')}?{urlencode({'next': page})}",
    }


@require_safe
@login_required
@never_cache
def made(request: MemberRequest) -> HttpResponse:
    """The offers I made as a buyer."""
    return _list(request, Offer.objects.filter(buyer=request.user), Offer.Side.BUYER)


@require_safe
@login_required
@never_cache
def received(request: MemberRequest) -> HttpResponse:
    """The offers I got as a seller."""
    return _list(request, Offer.objects.filter(variant__product__seller=request.user), Offer.Side.SELLER)


def _list(request: MemberRequest, mine: QuerySet[Offer], side: str) -> HttpResponse:
    rows = mine.select_related("buyer", "variant__product__seller", "checkout")
    rows = rows.prefetch_related("variant__product__images").order_by("-pk")
    page = Paginator(rows, OFFERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "orders/second_hand/offers.html", {"page": page, "side": side})


@require_safe
@login_required
@never_cache
def offer(request: MemberRequest, code: str) -> HttpResponse:
    shown, side = get_offer_for(request.user, code)
    return _show(request, shown, side, PriceForm())


def _show(
    request: MemberRequest, shown: Offer, side: str, form: PriceForm, *, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    least, most = offers.bounds_of(shown.variant)
    is_paid = shown.checkout is not None and shown.checkout.status == shown.checkout.Status.PAID
    context = {
        "offer": shown,
        "side": side,
        "form": form,
        "steps": shown.steps.all(),
        "product": shown.variant.product,
        "least": least,
        "most": most,
        "in_time": now < shown.expires_at,
        "my_turn": shown.status == Offer.Status.OPEN and shown.by != side and now < shown.expires_at,
        "is_paid": is_paid,
        "is_held": shown.checkout is not None and shown.checkout.in_time(now),
        "order": shown.checkout.orders.first() if shown.checkout is not None and is_paid else None,
        "is_gone": shown.variant.stock.left == 0,
    }
    template = "orders/second_hand/_thread.html" if is_partial(request) else "orders/second_hand/offer.html"
    return render(request, template, context, status=status)


@require_POST
@login_required
@never_cache
def counter(request: MemberRequest, code: str) -> HttpResponse:
    """Answer with another price."""
    answered, side = get_offer_for(request.user, code)
    if too_often("offer", request.user.pk, most=STEPS_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    form = PriceForm(request.POST)
    if form.is_valid():
        try:
            offers.counter_offer(answered.pk, side, **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("새 금액을 보냈어요."))
            return redirect("orders:offer", code)
    answered, side = get_offer_for(request.user, code)
    return _show(request, answered, side, form, status=422)


@require_POST
@login_required
@never_cache
def accept(request: MemberRequest, code: str) -> HttpResponse:
    """Take the price that the page showed, which comes along."""
    answered, side = get_offer_for(request.user, code)
    form = SeenPriceForm(request.POST)
    seen = form.cleaned_data["price"] if form.is_valid() else 0
    try:
        offers.accept_offer(answered.pk, side, seen_price=seen)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("orders:offer", code)


@require_POST
@login_required
@never_cache
def decline(request: MemberRequest, code: str) -> HttpResponse:
    answered, side = get_offer_for(request.user, code)
    try:
        offers.decline_offer(answered.pk, side)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("orders:offer", code)


@require_POST
@login_required
@never_cache
def withdraw(request: MemberRequest, code: str) -> HttpResponse:
    """For the buyer."""
    own = get_own_offer(request.user, code)
    try:
        offers.withdraw_offer(own.pk)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("orders:offer", code)


@require_POST
@login_required
@never_cache
def buy(request: MemberRequest, code: str) -> HttpResponse:
    """For the buyer: on to the checkout at the agreed price."""
    own = get_own_offer(request.user, code)
    try:
        checkout = offers.check_out(own.pk, address=address_for(request.user, own.checkout))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect("orders:offer", code)
    return redirect("orders:checkout", checkout.code)
