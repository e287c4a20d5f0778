from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from common.htmx import is_partial
from trailers.models import Trailer


def sign_in_first(request: HttpRequest, trailer: Trailer) -> HttpResponse:
    """Send a guest to the sign-in page and from there back to the trailer, also out of an htmx request."""
    page = reverse("trailers:detail", args=[trailer.code])
    address = f"{reverse('account_login')}?{urlencode({'next': page})}"
    if not is_partial(request):
        return redirect(address)
    return HttpResponse(status=204, headers={"HX-Redirect": address})
