"""Asking the staff: what is wrong, what both sides say, and what was decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import DomainError
from orders.buyer.access import get_dispute_of_buyer, get_order_of_buyer, member_of
from orders.buyer.forms import DisputeForm, DisputeMessageForm
from orders.disputes import SUBJECTS, open_dispute, say, withdraw_dispute
from orders.models import DisputeMessage

Side = DisputeMessage.Side


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_dispute(request: HttpRequest, code: str) -> HttpResponse:
    order = get_order_of_buyer(request, code)
    form = DisputeForm(request.POST or None, author=member_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            dispute = open_dispute(
                order.pk,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["text"],
                photo=form.photo_asset,
                by=member_of(request),
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("운영팀에 알렸어요. 판매자와 함께 확인하고 알려 드릴게요."))
            return redirect("orders:dispute", code, dispute.code)
    status = 422 if form.errors else 200
    return render(request, "orders/buyer/new_dispute.html", {"order": order, "form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def dispute(request: HttpRequest, code: str, dispute: str) -> HttpResponse:
    found = get_dispute_of_buyer(request, code, dispute)
    form = DisputeMessageForm(request.POST or None, author=member_of(request))
    if request.method == "POST" and form.is_valid():
        try:
            say(
                found.pk,
                side=Side.BUYER,
                by=member_of(request),
                text=form.cleaned_data["text"],
                photo=form.photo_asset,
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("orders:dispute", code, dispute)
    context = {
        "dispute": found,
        "order": found.order,
        "subject": SUBJECTS.get(found.subject, ""),
        "thread": found.messages.select_related("photo"),
        "form": form,
        "side": Side.BUYER,
    }
    return render(request, "orders/buyer/dispute.html", context, status=422 if form.errors else 200)


@require_POST
@never_cache
def withdraw_own_dispute(request: HttpRequest, code: str, dispute: str) -> HttpResponse:
    found = get_dispute_of_buyer(request, code, dispute)
    try:
        withdraw_dispute(found.pk, by=member_of(request))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("orders:receipt", code)
