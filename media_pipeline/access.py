"""The only ways from a request to an asset: its owner's. To everybody else it does not exist."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.requests import MemberRequest
from media_pipeline.models import Asset, Upload

P = ParamSpec("P")


def members_only(
    view: Callable[Concatenate[MemberRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Answer 401 in JSON to whoever is not signed in: a script asks, and a redirect would tell it nothing."""

    @wraps(view)
    def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated:
            return view(cast(MemberRequest, request), *args, **kwargs)
        return JsonResponse({"error": _("로그인이 풀렸어요. 다시 로그인해 주세요.")}, status=401)

    return checked


def get_own_asset(user: User, code: str) -> Asset:
    """Return the member's own asset with its newest attempt; 404 otherwise."""
    asset = Asset.objects.select_related("attempt").filter(owner=user, code=code).first()
    if asset is None:
        raise Http404
    return asset


def get_own_upload(user: User, code: str) -> Upload:
    """Return the upload of the member's own asset; 404 otherwise."""
    upload = (
        Upload.objects.select_related("asset__attempt").filter(asset__owner=user, asset__code=code).first()
    )
    if upload is None:
        raise Http404
    return upload
