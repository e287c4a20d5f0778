"""Pages for everybody: categories, search, a product."""

from urllib.parse import quote
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_safe

from catalog import listing
from catalog.access import get_product_to_see
from catalog.categories import category_tree
from catalog.models import Product
from catalog.search import MAX_QUERY

ORDERS = {"new": listing.newest, "price": listing.cheapest}


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on sale in a category and all below it; `sort` is "new" or "price"."""
    node = category_tree().by_slug.get(slug)
    if node is None:
        raise Http404
    sort = request.GET.get("sort", "")
    sort = sort if sort in ORDERS else "new"
    after = request.GET.get("after", "")
    page = SimpleLazyObject(lambda: ORDERS[sort](node, after=after))
    context = {"node": node, "sort": sort, "after": after, "page": page}
    return render(request, "catalog/category.html", context)


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Everything on sale, newest first."""
    after = request.GET.get("after", "")
    page = SimpleLazyObject(lambda: listing.newest(after=after))
    context = {"page": page, "after": after, "roots": category_tree().roots}
    return render(request, "catalog/new.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    after = request.GET.get("after", "")
    context = {
        "query": query,
        "quoted": quote(query),
        "after": after,
        "page": SimpleLazyObject(lambda: listing.found(query, after=after)),
        "roots": category_tree().roots,
    }
    return render(request, "catalog/search.html", context)


@require_safe
def product(request: HttpRequest, code: str) -> HttpResponse:
    found = get_product_to_see(code)
    node = category_tree().by_pk.get(found.category_id)
    choices = [(variant, found.price + variant.extra_price) for variant in found.offered]
    context = {
        "product": found,
        "content": _content(found),
        "path": tuple(node.path) if node else (),
        "images": found.images.all(),
        "choices": choices,
        "sold_out": [variant for variant, _ in choices if not variant.stock.left],
        "is_owner": found.seller_id == request.user.pk,
        "key": uuid4(),
        "page_url": request.build_absolute_uri(request.path),
        "picture_url": request.build_absolute_uri(found.image_url) if found.image_url else "",
        "reviews_url": _reviews_url(code),
    }
    return render(request, "catalog/product.html", context)


def _content(product: Product) -> str:
    """Return a text that differs whenever a product's page has to look different, apart from who looks at it."""
    rows = [product, *product.images.all(), *product.variants.all()]
    rows += [variant.stock for variant in product.variants.all()]
    rows += [product.shipping] if product.shipping else []
    columns = [[value for name, value in vars(row).items() if name[0] != "_"] for row in rows]
    return repr((product.seller.nickname, product.seller.avatar_url, columns))


def _reviews_url(code: str) -> str:
    """Where the reviews' app shows what buyers say of a product; "" while it does not."""
    try:
        return reverse("reviews:of_product", args=[code])
    except NoReverseMatch:
        return ""
