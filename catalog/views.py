"""Pages for everybody: categories, search, a product."""

from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog import listing
from catalog.access import get_product_to_see
from catalog.categories import category_tree
from catalog.rich_text import shown
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
    context = {"node": node, "sort": sort, "after": after, "page": ORDERS[sort](node, after=after)}
    return render(request, "catalog/category.html", context)


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """Everything on sale, newest first."""
    after = request.GET.get("after", "")
    context = {"page": listing.newest(after=after), "after": after, "roots": category_tree().roots}
    return render(request, "catalog/new.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()[:MAX_QUERY]
    after = request.GET.get("after", "")
    context = {
        "query": query,
        "after": after,
        "page": listing.found(query, after=after),
        "roots": category_tree().roots,
    }
    return render(request, "catalog/search.html", context)


@require_safe
def product(request: HttpRequest, code: str) -> HttpResponse:
    """One product. `?live=<broadcast>` remembers the show that led here, for its price."""
    found = get_product_to_see(code)
    node = category_tree().by_pk.get(found.category_id)
    context = {
        "product": found,
        "path": node.path if node else [],
        "images": found.images.all(),
        "offered": found.offered,
        "description": shown(found.description),
        "is_owner": found.seller_id == request.user.pk,
        "broadcast": request.GET.get("live", ""),
        "key": uuid4(),
        "page_url": request.build_absolute_uri(request.path),
        "picture_url": request.build_absolute_uri(found.image_url) if found.image_url else "",
    }
    return render(request, "catalog/product.html", context)
