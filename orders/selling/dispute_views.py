"""What the seller says in a dispute."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import MemberRequest
from common.errors import DomainError
from orders.buyer.forms import DisputeMessageForm
from orders.disputes import SUBJECTS, say
from orders.models import DisputeMessage
from orders.selling.access import get_dispute_of_seller

Side = DisputeMessage.Side


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def selling_dispute(request: MemberRequest, dispute: str) -> HttpResponse:
    found = get_dispute_of_seller(request.user, dispute)
    form = DisputeMessageForm(request.POST or None, author=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            say(
                found.pk,
                side=Side.SELLER,
                by=request.user,
                text=form.cleaned_data["text"],
                photo=form.photo_asset,
            )
        except DomainError as refusal:
            form.add_error(None, refusal.message)
        else:
            return redirect("orders:selling_dispute", dispute)
    context = {
        "dispute": found,
        "order": found.order,
        "subject": SUBJECTS.get(found.subject, ""),
        "thread": found.messages.select_related("photo"),
        "form": form,
        "side": Side.SELLER,
    }
    return render(request, "orders/selling/dispute.html", context, status=422 if form.errors else 200)
