"""Asking to be reminded, and stopping it: on the page by the member, from a mail by whoever has its link."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from common.htmx import is_partial
from trailers.access import get_reminder_by_token, get_trailer_to_view
from trailers.detail_page import remind_context
from trailers.reminders import NothingToRemindOf, ask_for_reminder, stop_reminder, wants_reminder
from trailers.sign_in import sign_in_first


@require_POST
@never_cache
def remind(request: HttpRequest, code: str) -> HttpResponse:
    """Turn the member's reminder on or off. `want` ("on" or "off") says which, so that a repeat changes nothing."""
    trailer = get_trailer_to_view(request.user, code)
    if not request.user.is_authenticated:
        return sign_in_first(request, trailer)
    member = request.user
    wanted = request.POST.get("want", "off" if wants_reminder(trailer, member) else "on") == "on"
    error = ""
    try:
        if wanted:
            ask_for_reminder(trailer, member=member)
        else:
            stop_reminder(trailer, member=member)
    except NothingToRemindOf as refusal:
        error = refusal.message
    if is_partial(request):
        context = remind_context(request, trailer) | {"error": error}
        return render(request, "trailers/_remind.html", context, status=409 if error else 200)
    if error:
        messages.error(request, error)
    elif wanted:
        messages.success(request, _("방송 30분 전과 5분 전에 메일로 알려 드릴게요."))
    else:
        messages.success(request, _("이 방송은 더 알려 드리지 않을게요."))
    return redirect("trailers:detail", code)


# Mail programs post here by themselves when "unsubscribe" is pressed (RFC 8058): they have neither cookie nor token
# of a form. The link's own token is the proof, and all it allows is to stop one reminder.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """A page with one button; only the POST stops anything, since mail scanners follow every link."""
    reminder = get_reminder_by_token(token)
    if request.method == "POST":
        stop_reminder(reminder.trailer, member=reminder.member)
        reminder.refresh_from_db()
    context = {"trailer": reminder.trailer, "stopped": reminder.stopped_at is not None}
    return render(request, "trailers/unsubscribe.html", context)
