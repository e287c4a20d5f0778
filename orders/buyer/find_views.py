"""A guest's way back to an order: number and address, then the digits from the mail."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from orders.buyer.forms import FindCodeForm, FindForm
from orders.buyer.look_up import checkout_for
from orders.checkout.guests import remember
from orders.mail_tasks import mail_order_code

ASKED = "order_looked_for"
"""Where the session keeps the number of the order whose digits are asked for."""


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether there is such an order or not: only the mailbox tells."""
    form = FindForm(request.POST or None, initial={"order": request.GET.get("order", "")[:20]})
    if request.method == "POST" and form.is_valid():
        mail_order_code.delay(form.cleaned_data["order"], form.cleaned_data["email"])
        request.session[ASKED] = form.cleaned_data["order"]
        return redirect("orders:find_code")
    return render(request, "orders/buyer/find.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def find_code(request: HttpRequest) -> HttpResponse:
    code = request.session.get(ASKED)
    if not code:
        return redirect("orders:find")
    form = FindCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        checkout = checkout_for(code, form.cleaned_data["digits"].strip())
        if checkout is not None:
            del request.session[ASKED]
            remember(request, checkout)
            return redirect("orders:receipt", code)
        form.add_error("digits", _("숫자가 맞지 않아요. 메일을 다시 확인하거나, 처음부터 다시 받아 주세요."))
    return render(request, "orders/buyer/find_code.html", {"form": form}, status=422 if form.errors else 200)
