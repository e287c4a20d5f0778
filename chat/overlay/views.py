"""The overlay itself, for broadcasting programs, and the page where its seller sets it up."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_own_channel
from broadcasts.models import Broadcast, LineupItem
from chat.overlay import actions
from chat.overlay.forms import LookForm
from chat.overlay.models import Overlay

SHOW_HEADER = "Overlay-Show"
"""Says which show the page is for, so that an open one notices the next show."""


@require_safe
@never_cache
def overlay(request: HttpRequest, token: str) -> HttpResponse:
    """A transparent page for whoever knows the token: public news of the channel's open show and nothing else."""
    found = Overlay.objects.select_related("channel").filter(digest=Overlay.digest_of(token)).first()
    if found is None:
        raise Http404
    show = found.channel.broadcasts.filter(status__in=Broadcast.OPEN).first()
    context = {
        "overlay": found,
        "broadcast": show,
        "lineup": LineupItem.objects.with_products().filter(broadcast=show) if show else [],
    }
    response = render(request, "chat/overlay/overlay.html", context)
    response[SHOW_HEADER] = show.code if show else ""
    response["Referrer-Policy"] = "no-referrer"  # the address must not travel with what the page fetches
    return response


@require_safe
@login_required
@never_cache
def studio(request: MemberRequest) -> HttpResponse:
    return _studio(request)


@require_POST
@login_required
@never_cache
def issue(request: MemberRequest) -> HttpResponse:
    """Make an address and show it, this once: no redirect, or it would have to be kept somewhere."""
    token = actions.issue_token(get_own_channel(request.user))
    return _studio(request, address=f"{settings.SITE_URL}{reverse('chat:overlay', args=[token])}")


@require_POST
@login_required
def revoke(request: MemberRequest) -> HttpResponse:
    actions.revoke_token(get_own_channel(request.user))
    messages.success(request, _("오버레이 주소를 없앴어요. 이제 아무것도 보이지 않아요."))
    return redirect("chat:overlay_studio")


@require_POST
@login_required
def look(request: MemberRequest) -> HttpResponse:
    form = LookForm(request.POST)
    if not form.is_valid():
        return _studio(request, form=form, status=422)
    actions.change_look(get_own_channel(request.user), **form.cleaned_data)
    messages.success(request, _("저장했어요. OBS에서 브라우저 소스를 새로 고치면 바뀌어요."))
    return redirect("chat:overlay_studio")


def _studio(request: MemberRequest, **context: Any) -> HttpResponse:  # noqa: ANN401 what the template shows
    status = context.pop("status", 200)
    found = Overlay.objects.filter(channel=get_own_channel(request.user)).first()
    page = {"overlay": found, "form": LookForm(instance=found)} | context
    return render(request, "chat/overlay/studio.html", page, status=status)
