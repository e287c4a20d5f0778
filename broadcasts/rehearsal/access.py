"""Who may watch a rehearsal: its seller, and the browsers that gave the pass code."""

from django.http import Http404, HttpRequest

from broadcasts.rehearsal.models import Rehearsal

ENTERED = "rehearsals"
"""Where the session keeps the codes of the rehearsals it has entered, newest last."""

MOST_KEPT = 5


def get_rehearsal(code: str) -> Rehearsal:
    """Return a rehearsal, open or over, with its show and seller; 404 otherwise."""
    rehearsal = Rehearsal.objects.select_related("broadcast__channel__member").filter(code=code).first()
    if rehearsal is None:
        raise Http404
    return rehearsal


def remember_entry(request: HttpRequest, rehearsal: Rehearsal) -> None:
    entered = [code for code in request.session.get(ENTERED, []) if code != rehearsal.code]
    request.session[ENTERED] = [*entered, rehearsal.code][-MOST_KEPT:]


def may_watch(request: HttpRequest, rehearsal: Rehearsal) -> bool:
    """Whether this browser may see the picture now. Asked for each piece of it: a closed rehearsal is dark at once."""
    entered = rehearsal.code in request.session.get(ENTERED, [])
    is_seller = request.user.is_authenticated and rehearsal.broadcast.channel.member_id == request.user.pk
    return rehearsal.is_open and (entered or is_seller)
