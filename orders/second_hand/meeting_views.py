"""The part of the order page about handing over in person. Without scripts each button leads back to the order page."""

from collections.abc import Callable
from functools import wraps

from django import forms
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from common.errors import DomainError
from common.htmx import is_partial
from common.limits import too_often
from orders.disputes import is_open
from orders.models import Meeting, Offer, Order
from orders.second_hand import hand_over, meetings, no_show
from orders.second_hand.access import get_deal_for
from orders.second_hand.codes import code_of
from orders.second_hand.forms import CodeForm, ContestForm, MeetingForm, SeenMomentForm

CODES_A_MINUTE = 10


def for_parties(view: Callable[[HttpRequest, Order, str], HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the order and the reader's side; 404 for other members, the sign-in page for other guests."""

    @wraps(view)
    def guarded(request: HttpRequest, code: str) -> HttpResponse:
        try:
            order, side = get_deal_for(request, code)
        except Http404:
            if request.user.is_authenticated:
                raise
            return redirect_to_login(reverse("orders:receipt", args=[code]))
        return view(request, order, side)

    return guarded


@require_safe
@never_cache
@for_parties
def meeting(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    if not is_partial(request):
        return redirect("orders:receipt", order.code)
    return _show(request, order, side)


@require_POST
@never_cache
@for_parties
def propose(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    form = MeetingForm(request.POST)
    return _act(
        request,
        order,
        side,
        lambda: meetings.propose_meeting(order.pk, side, **form.cleaned_data, by=_member(request)),
        form=form,
    )


@require_POST
@never_cache
@for_parties
def agree(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    """Say yes to the time that the page showed, which comes along."""
    seen = SeenMomentForm(request.POST)
    return _act(
        request,
        order,
        side,
        lambda: meetings.agree_meeting(order.pk, side, seen_at=seen.cleaned_data["at"], by=_member(request)),
        seen=seen,
    )


@require_POST
@never_cache
@for_parties
def type_code(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    """For the seller: the digits that the buyer told."""
    if side != Offer.Side.SELLER:
        raise Http404
    if too_often("hand-over", order.pk, most=CODES_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    form = CodeForm(request.POST)
    return _act(
        request,
        order,
        side,
        lambda: hand_over.hand_over(order.pk, form.cleaned_data["code"], by=order.seller),
        code_form=form,
    )


@require_POST
@never_cache
@for_parties
def received(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    """For the buyer: the goods are there."""
    if side != Offer.Side.BUYER:
        raise Http404
    return _act(request, order, side, lambda: hand_over.note_received(order.pk, by=_member(request)))


@require_POST
@never_cache
@for_parties
def missed(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    return _act(request, order, side, lambda: no_show.report_missed(order.pk, side, by=_member(request)))


@require_POST
@never_cache
@for_parties
def contest(request: HttpRequest, order: Order, side: str) -> HttpResponse:
    form = ContestForm(request.POST)
    return _act(
        request,
        order,
        side,
        lambda: no_show.contest_missed(order.pk, side, text=form.cleaned_data["text"], by=_member(request)),
        contest_form=form,
    )


def _member(request: HttpRequest) -> User | None:
    return request.user if request.user.is_authenticated else None


def _act(
    request: HttpRequest, order: Order, side: str, act: Callable[[], object], **given: forms.BaseForm
) -> HttpResponse:
    """Do it if the form that came along is valid; show the part of the page as it is then, with what was wrong."""
    form = next(iter(given.values()), None)
    error = ""
    if form is None or form.is_valid():
        try:
            act()
        except DomainError as refusal:
            error = refusal.message
        else:
            given = {}
    if is_partial(request):
        order.refresh_from_db(fields=["status"])
        return _show(request, order, side, error=error, **given)
    if form is not None and form.errors:
        error = str(next(iter(form.errors.values()))[0])
    if error:
        messages.error(request, error)
    return redirect("orders:receipt", order.code)


def _show(
    request: HttpRequest, order: Order, side: str, *, error: str = "", **given: forms.BaseForm
) -> HttpResponse:
    shown = Meeting.objects.filter(order=order).first()
    now = timezone.now()
    context = {
        "order": order,
        "meeting": shown,
        "side": side,
        "error": error,
        "is_running": order.status in meetings.OPEN_ORDERS,
        "my_turn": shown is not None
        and shown.status == Meeting.Status.PROPOSED
        and shown.proposed_by != side,
        "is_over": shown is not None and shown.at <= now,
        "may_report": shown is not None and no_show.may_report(shown, now),
        "accused": shown is not None and shown.missed_by == side,
        "contest_until": no_show.contest_until(shown) if shown is not None else None,
        "in_dispute": is_open(order),
        "hand_over_code": code_of(order, shown.code_digest) if shown and side == Offer.Side.BUYER else "",
        "form": MeetingForm(),
        "code_form": CodeForm(),
        "contest_form": ContestForm(),
    } | given
    wrong = bool(error) or any(form.errors for form in given.values())
    return render(request, "orders/second_hand/_meeting.html", context, status=422 if wrong else 200)
