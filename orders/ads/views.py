"""What everybody sees of advertisements: the part of a page that shows them, and the way to the product."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.models import Category, Product
from orders.ads.counting import count_click, count_impressions
from orders.ads.links import click_address, is_genuine
from orders.ads.showing import pick_ads
from orders.ads.viewers import give_cookie, is_person, known_viewer
from orders.models import Ad


@require_safe
@never_cache
def shown_on_main(request: HttpRequest) -> HttpResponse:
    return _shown(request, Ad.Place.MAIN, None)


@require_safe
@never_cache
def shown_in_category(request: HttpRequest, category: str) -> HttpResponse:
    return _shown(request, Ad.Place.CATEGORY, get_object_or_404(Category, slug=category))


def _shown(request: HttpRequest, place: Ad.Place, category: Category | None) -> HttpResponse:
    """A part of a page, empty without advertisements. A browser that is new gets its cookie here."""
    ads = pick_ads(place, category)
    if not ads:
        return HttpResponse()
    response = HttpResponse()
    viewer = known_viewer(request) or give_cookie(response, secure=request.is_secure())
    cards = [(ad, click_address(ad, viewer)) for ad in ads]
    response.content = render_to_string("orders/ads/_shown.html", {"cards": cards}, request)
    if is_person(request):
        count_impressions([ad for ad in ads if ad.seller_id != request.user.pk], viewer)
    return response


@require_safe
@never_cache
def click(request: HttpRequest, code: str) -> HttpResponse:
    """Lead to the product. What does not count (twice, a program, the seller, an old link) still gets there."""
    ad = Ad.objects.select_related("product").filter(code=code).first()
    if ad is None or ad.product.state == Product.State.ENDED:
        raise Http404
    viewer = known_viewer(request)
    is_foreign = ad.seller_id != request.user.pk
    if viewer and is_foreign and is_person(request) and is_genuine(ad, viewer, request.GET.get("sig", "")):
        count_click(ad, viewer)
    return redirect("catalog:product", ad.product.code)
