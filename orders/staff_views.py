"""What staff do about orders, refunds, disputes and coupons in the admin: each is noted with who did it."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from accounts.models import User
from common.errors import DomainError
from orders.deals.coupon_making import drop_coupon
from orders.deciding import decide_for_buyer, decide_for_seller, refund_by_staff
from orders.disputes import say
from orders.models import Coupon, Dispute, DisputeMessage, Order, Refund
from orders.refunds_by_hand import note_paid_by_hand
from orders.staff_forms import DecisionForm, DropForm, PaidByHandForm, StaffMessageForm, StaffRefundForm


def refund_order(site: AdminSite, request: HttpRequest, order_id: int) -> HttpResponse:
    """Give back a part of an order or all of it."""
    staff = _staff(request, "orders.change_order")
    order = get_object_or_404(Order, pk=order_id)
    form = StaffRefundForm(request.POST or None, order=order)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        try:
            refund_by_staff(
                order.pk,
                form.pieces,
                reason=values["reason"],
                by=staff,
                restock=values["restock"],
                shipping=values["shipping"],
                seen=values["seen"],
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            _note(request, staff, order, f"환불: {values['reason']}")
            return redirect("admin:orders_order_change", order.pk)
    return _page(site, request, order, form, title=f"환불 {order.code}", button="환불")


def note_refund_by_hand(site: AdminSite, request: HttpRequest, refund_id: int) -> HttpResponse:
    """Say that a refund which its provider refused was paid to the buyer's account."""
    staff = _staff(request, "orders.change_refund")
    refund = get_object_or_404(Refund, pk=refund_id)
    form = PaidByHandForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reference = form.cleaned_data["reference"]
        try:
            note_paid_by_hand(refund.pk, reference=reference, by=staff)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            _note(request, staff, refund, f"계좌로 환불함: {reference}")
            return redirect("admin:orders_refund_change", refund.pk)
    title = f"계좌로 환불 {refund.key} · {refund.amount:,}원"
    return _page(site, request, refund, form, title=title, button="환불했어요")


def decide_dispute(site: AdminSite, request: HttpRequest, dispute_id: int) -> HttpResponse:
    """End a dispute: money back to the buyer, or the order paid to the seller."""
    staff = _staff(request, "orders.change_dispute")
    dispute = get_object_or_404(Dispute.objects.select_related("order"), pk=dispute_id)
    form = DecisionForm(request.POST or None, order=dispute.order)
    if request.method == "POST" and form.is_valid():
        try:
            _decide(dispute, form, staff)
        except DomainError as refusal:
            form.add_error(None, refusal.message or str(refusal))
        else:
            _note(request, staff, dispute, f"결정: {form.cleaned_data['outcome']}")
            return redirect("admin:orders_dispute_change", dispute.pk)
    return _page(site, request, dispute, form, title=f"결정 {dispute.order.code}", button="결정")


def answer_dispute(site: AdminSite, request: HttpRequest, dispute_id: int) -> HttpResponse:
    """Say something to both sides."""
    staff = _staff(request, "orders.change_dispute")
    dispute = get_object_or_404(Dispute.objects.select_related("order"), pk=dispute_id)
    form = StaffMessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            say(dispute.pk, side=DisputeMessage.Side.STAFF, by=staff, text=form.cleaned_data["text"])
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            _note(request, staff, dispute, "메시지")
            return redirect("admin:orders_dispute_change", dispute.pk)
    return _page(site, request, dispute, form, title=f"메시지 {dispute.order.code}", button="보내기")


def drop_in_show(site: AdminSite, request: HttpRequest, coupon_id: int) -> HttpResponse:
    """Show a coupon of the platform's to everybody in a running show. A seller's own is dropped by its seller."""
    staff = _staff(request, "orders.change_coupon")
    coupon = get_object_or_404(Coupon, pk=coupon_id, seller=None)
    form = DropForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        show = form.cleaned_data["show"]
        try:
            drop_coupon(coupon.pk, show.pk, by=staff)
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            _note(request, staff, coupon, f"방송에 뿌림: {show.title} ({show.code})")
            return redirect("admin:orders_coupon_change", coupon.pk)
    return _page(site, request, coupon, form, title=f"방송에 뿌리기 {coupon.code}", button="뿌리기")


def _decide(dispute: Dispute, form: DecisionForm, staff: User) -> None:
    values = form.cleaned_data
    if values["outcome"] == Dispute.Status.FOR_SELLER:
        decide_for_seller(dispute.pk, decision=values["reason"], by=staff)
        return
    decide_for_buyer(
        dispute.pk,
        form.pieces,
        decision=values["reason"],
        by=staff,
        restock=values["restock"],
        shipping=values["shipping"],
    )


def _staff(request: HttpRequest, permission: str) -> User:
    if not request.user.has_perm(permission):
        raise PermissionDenied
    return cast(User, request.user)


def _note(request: HttpRequest, staff: User, row: models.Model, text: str) -> None:
    LogEntry.objects.create(
        user=staff,
        content_type=ContentType.objects.get_for_model(row),
        object_id=str(row.pk),
        object_repr=str(row)[:200],
        action_flag=CHANGE,
        change_message=text,
    )
    messages.success(request, text)


def _page(
    site: AdminSite, request: HttpRequest, row: models.Model, form: Form, *, title: str, button: str
) -> HttpResponse:
    context: dict[str, Any] = site.each_context(request) | {
        "title": title,
        "form": form,
        "button": button,
        "opts": row._meta,
        "row": row,
    }
    return render(request, "admin/orders/act.html", context, status=422 if form.errors else 200)
