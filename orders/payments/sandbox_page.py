"""The page of the practice provider. Who holds the address of a payment may pay it, as at any provider."""

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.framing import framed_by_us
from orders.models import SandboxPayment
from orders.payments.sandbox import press


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@framed_by_us
def sandbox(request: HttpRequest, ref: str) -> HttpResponse:
    payment = get_object_or_404(SandboxPayment, ref=ref)
    if request.method == "POST":
        choice = request.POST.get("outcome", "")
        if choice not in SandboxPayment.Choice.values:
            return HttpResponseBadRequest(_("결제 결과를 골라 주세요."))
        press(payment, choice)
        return redirect(payment.return_url)
    if payment.choice or payment.expires_at <= timezone.now():
        return redirect(payment.return_url)
    return render(request, "orders/sandbox.html", {"payment": payment})
