"""Somebody looks at the sheet of a product: news for the apps above, as of people on this site's own pages only."""

from django.http import HttpRequest, HttpResponse

from broadcasts.models import LineupItem
from common.htmx import is_partial
from orders.ads.viewers import give_cookie, is_person, known_viewer
from orders.signals import product_opened

OURS = ("same-origin", "same-site")


def tell_opened(request: HttpRequest, response: HttpResponse, item: LineupItem) -> None:
    """Tell that who asks was shown the sheet. A browser that is new gets its cookie with the response.

    Programs, pages loaded ahead and links from elsewhere tell nothing. Select `broadcast` with the item.
    """
    from_here = is_partial(request) or request.headers.get("Sec-Fetch-Site") in OURS
    if not (from_here and is_person(request)):
        return
    viewer = known_viewer(request) or give_cookie(response, secure=request.is_secure())
    product_opened.send_robust(LineupItem, item=item, viewer=viewer)
