"""Products as a file: taking them out, and bringing them in after a look at what would change."""

import hashlib
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.cache import cache
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from catalog.access import own_products
from catalog.studio.csv_apply import apply_plan
from catalog.studio.csv_format import MAX_BYTES, UnreadableFile, exported, rows_in
from catalog.studio.csv_plan import Plan, plan_import

KEPT_SECONDS = 1800
"""How long a file that was looked at may be applied without being chosen again."""

SHOWN = 200
"""Bad cells, and products, that one look shows."""


class CsvForm(forms.Form):
    """A file to look at; the second time, what the first look kept."""

    file = forms.FileField(label=gettext_lazy("CSV 파일"), required=False, allow_empty_file=True)
    kept = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


@require_safe
@login_required
def export(request: MemberRequest) -> StreamingHttpResponse:
    own = (
        own_products(request.user).select_related("category", "shipping").prefetch_related("variants__stock")
    )
    lines = exported(own.order_by("pk").iterator(chunk_size=500))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    name = f"products-{timezone.localdate():%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@login_required
def csv_page(request: MemberRequest) -> HttpResponse:
    """Look at a file (`file`), then apply what was looked at (`kept`)."""
    if request.method != "POST":
        return render(request, "catalog/studio/csv.html", {"form": CsvForm()})
    form = CsvForm(request.POST, request.FILES)
    plan: Plan | None = None
    kept = ""
    try:
        if not form.is_valid():
            raise UnreadableFile(_("CSV 파일을 골라 주세요."))
        content = _content(request.user, form.cleaned_data)
        plan = plan_import(rows_in(content), request.user)
    except UnreadableFile as refusal:
        form.add_error("file", refusal.message)
    else:
        if form.cleaned_data["kept"] and not plan.bad:
            apply_plan(plan, request.user)
            told = _("새 상품 %(new)d개를 올리고 %(changed)d개를 바꿨어요.")
            messages.success(request, told % {"new": len(plan.new), "changed": len(plan.changed)})
            return redirect("catalog:studio")
        kept = _keep(request.user, content)
    context: dict[str, Any] = {"form": form, "plan": plan, "kept": kept, "shown": SHOWN}
    return render(request, "catalog/studio/csv.html", context, status=422 if form.errors else 200)


def _content(seller: User, data: dict[str, Any]) -> bytes:
    """Return the bytes of the file that was sent, or of the one looked at before. Raises UnreadableFile."""
    if data["kept"]:
        content: bytes | None = cache.get(_place(seller, data["kept"]))
        if content is None:
            raise UnreadableFile(_("확인한 지 오래됐어요. 파일을 다시 골라 주세요."))
        return content
    file: UploadedFile | None = data["file"]
    if file is None:
        raise UnreadableFile(_("CSV 파일을 골라 주세요."))
    return file.read(MAX_BYTES + 1)


def _keep(seller: User, content: bytes) -> str:
    """Keep a file for the second step; return what it is found by. What is applied is what was looked at."""
    digest = hashlib.sha256(content).hexdigest()
    cache.set(_place(seller, digest), content, KEPT_SECONDS)
    return digest


def _place(seller: User, digest: str) -> str:
    return f"catalog-csv:{seller.pk}:{digest}"
