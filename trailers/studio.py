"""Pages for the seller: my trailers, a new one, changing one. All of them need sign-in and ownership."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from broadcasts.forms import NewProductForm
from catalog.actions import create_product
from common.errors import DomainError, IllegalMove
from trailers import actions
from trailers.access import get_own_trailer
from trailers.forms import TrailerForm
from trailers.models import Trailer

TRAILERS_PER_PAGE = 20


@require_safe
@login_required
def studio(request: MemberRequest) -> HttpResponse:
    own = Trailer.objects.for_cards().filter(seller=request.user).order_by("-created_at", "-pk")
    page = Paginator(own, TRAILERS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "trailers/studio.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def create(request: MemberRequest) -> HttpResponse:
    return _form(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: MemberRequest, code: str) -> HttpResponse:
    trailer = get_own_trailer(request.user, code)
    if not trailer.is_changeable:
        messages.error(request, _("이미 방송을 시작했거나 취소한 예고는 고칠 수 없어요."))
        return redirect("trailers:studio")
    return _form(request, trailer)


def _form(request: MemberRequest, trailer: Trailer | None) -> HttpResponse:
    """Show the form, or take it: an own product that was picked, else the new one filled in beside."""
    data = request.POST if request.method == "POST" else None
    form = TrailerForm(data, seller=request.user, instance=trailer)
    product_form = NewProductForm(None, prefix="new", owner=request.user)
    if data is not None:
        if not data.get("product"):
            product_form = NewProductForm(data, prefix="new", owner=request.user)
        # Both are asked, so that one answer names everything that is missing.
        if all([form.is_valid(), not product_form.is_bound or product_form.is_valid()]):
            try:
                _save(request.user, trailer, form, product_form)
            except IllegalMove:
                messages.error(request, _("이미 방송을 시작했거나 취소한 예고는 고칠 수 없어요."))
                return redirect("trailers:studio")
            except DomainError as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, _saved_words(trailer))
                return redirect("trailers:studio")
    context = {"form": form, "product_form": product_form, "trailer": trailer}
    return render(request, "trailers/form.html", context, status=200 if data is None else 422)


@transaction.atomic
def _save(seller: User, trailer: Trailer | None, form: TrailerForm, product_form: NewProductForm) -> None:
    values = form.values()
    if trailer is None and (earlier := actions.announced_with(values["video"])):
        if earlier.is_changeable and (earlier.title, earlier.starts_at) == (
            values["title"],
            values["starts_at"],
        ):
            return  # the same form, sent twice
        raise actions.VideoTaken(_("다른 예고에 쓰고 있는 영상이에요. 새 영상을 올려 주세요."))
    product = form.cleaned_data["product"]
    if product is None:
        product = create_product(seller, **product_form.product_values())
    if trailer is None:
        actions.create_trailer(seller, product=product, **values)
    else:
        actions.edit_trailer(trailer.pk, product=product, by=seller, **values)


def _saved_words(trailer: Trailer | None) -> str:
    if trailer:
        return _("예고를 고쳤어요.")
    return _("예고를 등록했어요. 영상 변환이 끝나면 바로 공개돼요.")


@require_POST
@login_required
def cancel(request: MemberRequest, code: str) -> HttpResponse:
    trailer = get_own_trailer(request.user, code)
    try:
        actions.cancel_trailer(trailer.pk, by=request.user)
    except IllegalMove:
        messages.error(request, _("방송을 이미 만들었어요. 조정실에서 방송을 취소해 주세요."))
    else:
        messages.success(request, _("예고를 취소하고, 알림을 신청한 분들께 알렸어요."))
    return redirect("trailers:studio")


@require_POST
@login_required
def start(request: MemberRequest, code: str) -> HttpResponse:
    """Go on to the control room of the trailer's show, which is made now unless it was made before."""
    trailer = get_own_trailer(request.user, code)
    try:
        broadcast = actions.start_broadcast_from(trailer.pk, by=request.user)
    except IllegalMove:
        messages.error(request, _("취소한 예고로는 방송을 시작할 수 없어요."))
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        return redirect("broadcasts:control_room", broadcast.code)
    return redirect("trailers:studio")
