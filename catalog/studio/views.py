"""A seller's products: the list, the form, on and off the shelf."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from catalog.access import get_own_product, own_products
from catalog.actions import NewVariant, StoredImage, VariantState, change_product, create_product
from catalog.models import MAX_OPTIONS, Product
from catalog.search import holding, words_of
from catalog.studio.forms import ProductDetailsForm, VariantForms, combined, rows_of
from catalog.studio.pictures import MAX_PICTURES, Pictures, pictures_of, sent_pictures

PRODUCTS_PER_PAGE = 20
TURNS = {
    "pause": (Product.State.PAUSED, gettext_lazy("판매를 잠시 쉬어요. 언제든 다시 시작할 수 있어요.")),
    "resume": (Product.State.ON_SALE, gettext_lazy("다시 판매하고 있어요.")),
    "end": (Product.State.ENDED, gettext_lazy("판매를 끝냈어요.")),
}


@require_safe
@login_required
def products(request: MemberRequest) -> HttpResponse:
    """What the seller has, newest first; `q` searches, `state` narrows down."""
    own = (
        own_products(request.user)
        .prefetch_related("images", "variants__stock")
        .order_by("-created_at", "-pk")
    )
    state = request.GET.get("state", "")
    if state in Product.State.values:
        own = own.filter(state=state)
    query = request.GET.get("q", "").strip()
    page = Paginator(holding(own, words_of(query)), PRODUCTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "query": query, "state": state, "states": Product.State.choices}
    return render(request, "catalog/studio/products.html", context)


@login_required
def create(request: MemberRequest) -> HttpResponse:
    return _edit(request, None)


@login_required
def edit(request: MemberRequest, code: str) -> HttpResponse:
    return _edit(request, get_own_product(request.user, code))


@require_POST
@login_required
def combine(request: MemberRequest) -> HttpResponse:
    """Answer with the rows of the form as sent, and one more for each new combination of option values."""
    sent = VariantForms(request.POST, prefix="variants")
    rows = [{name: sent_form[name].value() or "" for name in sent_form.fields} for sent_form in sent.forms]
    numbers = range(1, MAX_OPTIONS + 1)
    named = [number for number in numbers if request.POST.get(f"option_{number}", "").strip()]
    given = [request.POST.get(f"values_{number}", "") for number in named]
    complete = all(text.strip() for text in given)
    context = {
        "variants": VariantForms(prefix="variants", initial=combined(rows, given) if complete else rows),
        "options": [request.POST[f"option_{number}"].strip() for number in named],
        "incomplete": not complete or not named,
    }
    return render(request, "catalog/studio/_variants.html", context)


@require_POST
@login_required
def turn(request: MemberRequest, code: str, to: str) -> HttpResponse:
    """Pause, resume or end the sale; what is in carts and orders is not touched."""
    product = get_own_product(request.user, code)
    state, told = TURNS[to]
    change_product(product.pk, by=request.user, state=state)
    messages.success(request, told)
    return redirect("catalog:studio")


def _edit(request: MemberRequest, product: Product | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = ProductDetailsForm(data, instance=product, seller=request.user)
    variants: Any = VariantForms(data, prefix="variants", initial=rows_of(product) if product else [])
    pictures = pictures_of(product)
    if data is not None:
        pictures = sent_pictures(data.getlist("pictures"), seller=request.user, product=product)
        if form.is_valid() & _variants_fit(variants, form) and not pictures.error:
            saved = _save(request.user, product, form, variants, pictures)
            messages.success(request, _("저장했어요."))
            return redirect("catalog:edit", saved)
    context = {
        "product": product,
        "form": form,
        "variants": variants,
        "options": form.option_names,
        "option_rows": _option_rows(form, data),
        "pictures": pictures,
        "max_pictures": MAX_PICTURES,
    }
    status = 200 if data is None else 422
    return render(request, "catalog/studio/form.html", context, status=status)


def _option_rows(form: ProductDetailsForm, data: QueryDict | None) -> list[tuple[Any, str]]:
    """Return each option's field and the values that were typed beside it."""
    numbers = range(1, MAX_OPTIONS + 1)
    return [
        (form[f"option_{number}"], data.get(f"values_{number}", "") if data else "") for number in numbers
    ]


def _variants_fit(variants: Any, form: ProductDetailsForm) -> bool:
    variants.option_names = form.option_names
    variants.price = form.cleaned_data.get("price") or 0
    return bool(variants.is_valid() or not form.option_names)


def _save(
    seller: User, product: Product | None, form: ProductDetailsForm, variants: Any, pictures: Pictures
) -> str:
    """Write it all; return the product's code."""
    states = variants.states() if form.option_names else []
    stock = form.cleaned_data["stock"] or 0
    if product is None:
        new = [
            NewVariant(
                values=state.values,
                stock=state.incoming,
                extra_price=state.extra_price,
                active=state.active,
            )
            for state in states
        ]
        images = [picture for picture in pictures.in_order if isinstance(picture, StoredImage)]
        created = create_product(seller, stock=stock, variants=new, images=images, **form.values())
        return created.code
    states = states or [VariantState(incoming=stock)]
    change_product(product.pk, by=seller, variants=states, pictures=pictures.in_order, **form.values())
    return product.code
