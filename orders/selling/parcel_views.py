"""Parcel numbers in bulk: taking out what waits, and bringing numbers in after a look at what they would do."""

import hashlib

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from orders.selling.forms import ParcelsForm
from orders.selling.lists import to_send
from orders.selling.parcels import MAX_BYTES, UnreadableFile, exported, looked_at, send

KEPT_SECONDS = 1800
"""How long a file that was looked at may be applied without being chosen again."""


@require_safe
@login_required
@never_cache
def export_parcels(request: MemberRequest) -> StreamingHttpResponse:
    lines = exported(to_send(request.user).for_cards().iterator(chunk_size=500))
    name = f"orders-{timezone.localdate():%Y%m%d}.csv"
    return StreamingHttpResponse(
        lines,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def parcels(request: MemberRequest) -> HttpResponse:
    """Look at a file (`file`), then send what was looked at (`kept`)."""
    if request.method != "POST":
        return render(request, "orders/selling/parcels.html", {"form": ParcelsForm()})
    form = ParcelsForm(request.POST, request.FILES)
    found, kept = None, ""
    try:
        content = _content(request.user, form)
        found = looked_at(content, request.user)
    except UnreadableFile as refusal:
        form.add_error("file", refusal.message)
    else:
        if form.cleaned_data["kept"]:
            count = send(found, by=request.user)
            messages.success(request, _("주문 %(count)d건의 운송장을 등록했어요.") % {"count": count})
            return redirect("orders:selling")
        kept = _keep(request.user, content)
    good = sum(not parcel.problem for parcel in found or [])
    context = {"form": form, "parcels": found, "good": good, "kept": kept}
    return render(request, "orders/selling/parcels.html", context, status=422 if form.errors else 200)


def _content(seller: User, form: ParcelsForm) -> bytes:
    if not form.is_valid():
        raise UnreadableFile(_("CSV 파일을 골라 주세요."))
    if kept := form.cleaned_data["kept"]:
        content: bytes | None = cache.get(_place(seller, kept))
        if content is None:
            raise UnreadableFile(_("확인한 지 오래됐어요. 파일을 다시 골라 주세요."))
        return content
    file = form.cleaned_data["file"]
    if file is None:
        raise UnreadableFile(_("CSV 파일을 골라 주세요."))
    read: bytes = file.read(MAX_BYTES + 1)
    return read


def _keep(seller: User, content: bytes) -> str:
    kept = hashlib.sha256(content).hexdigest()
    cache.set(_place(seller, kept), content, KEPT_SECONDS)
    return kept


def _place(seller: User, kept: str) -> str:
    return f"parcels:{seller.pk}:{kept}"
