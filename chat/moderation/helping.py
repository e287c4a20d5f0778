"""The shows that a member helps with, as a moderator of their channels."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import MemberRequest
from broadcasts.models import Broadcast

SHOWS_PER_PAGE = 20


@require_safe
@login_required
@never_cache
def helping(request: MemberRequest) -> HttpResponse:
    """What is on the air first, then what is coming, the newest first."""
    shows = (
        Broadcast.objects.for_cards()
        .filter(
            channel__moderators__member=request.user,
            status__in=[*Broadcast.OPEN, Broadcast.Status.SCHEDULED],
        )
        .annotate(is_running=Q(status__in=Broadcast.ON_AIR))
        .order_by("-is_running", "-created_at", "-pk")
    )
    page = Paginator(shows, SHOWS_PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "chat/moderation/helping.html", {"page": page})
