"""The page of the practice provider. Who holds the address of a payment may pay it, as at any provider."""

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.framing import framed_by_us
from orders.models import SandboxPayment
from orders.payments.sandbox import press
from orders.tasks import tell_of_sandbox_payment

Choice = SandboxPayment.Choice


@dataclass(frozen=True, kw_only=True)
class Button:
    choice: SandboxPayment.Choice
    text: str | Promise
    """What will happen."""


PLAIN = [
    Button(choice=Choice.SLOW, text=gettext_lazy("6초 뒤에 결제돼요.")),
    Button(choice=Choice.FAIL, text=gettext_lazy("카드사가 거절해요.")),
    Button(choice=Choice.CANCEL, text=gettext_lazy("결제하지 않고 돌아가요.")),
]
TRICKY = [
    Button(
        choice=Choice.TWICE,
        text=gettext_lazy("브라우저가 두 번 돌아오고 결제 알림이 세 번 와요. 주문은 하나예요."),
    ),
    Button(
        choice=Choice.SILENT, text=gettext_lazy("결제됐지만 브라우저가 돌아가지 않아요. 알림으로 알게 돼요.")
    ),
    Button(choice=Choice.LATE, text=gettext_lazy("결제 시간이 끝난 뒤에 결제돼요. 돈은 자동으로 돌아가요.")),
    Button(choice=Choice.WRONG, text=gettext_lazy("100원 모자라게 결제돼요. 돈은 자동으로 돌아가요.")),
]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@framed_by_us
def sandbox(request: HttpRequest, ref: str) -> HttpResponse:
    if "sandbox" not in settings.PAYMENTS:
        raise Http404
    payment = get_object_or_404(SandboxPayment, ref=ref)
    if request.method == "POST":
        choice = request.POST.get("outcome", "")
        if choice not in Choice.values:
            return HttpResponseBadRequest(_("결제 결과를 골라 주세요."))
        return _pressed(request, payment, choice)
    if payment.choice or payment.expires_at <= timezone.now():
        return redirect(payment.return_url)
    return render(request, "orders/sandbox.html", {"payment": payment, "plain": PLAIN, "tricky": TRICKY})


def _pressed(request: HttpRequest, payment: SandboxPayment, choice: str) -> HttpResponse:
    is_first = press(payment, choice)
    payment.refresh_from_db()
    if is_first:
        _tell_when_known(payment)
        if choice in (Choice.TWICE, Choice.SILENT):
            return render(request, f"orders/sandbox_{choice}.html", {"payment": payment})
    return redirect(payment.return_url)


def _tell_when_known(payment: SandboxPayment) -> None:
    wait = (payment.known_at - timezone.now()).total_seconds() if payment.known_at else 0
    transaction.on_commit(
        lambda: tell_of_sandbox_payment.apply_async((payment.ref,), countdown=max(0, wait)), robust=True
    )
