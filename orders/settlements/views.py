"""Pages for the seller: what is due, month by month, and what each statement consists of."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.requests import MemberRequest
from orders.models import Settlement
from orders.settlements.statement import as_csv, rows_of
from orders.settlements.totals import parts_of, running_totals

STATEMENTS_PER_PAGE = 12
ROWS_PER_PAGE = 50


@require_safe
@login_required
@never_cache
def settlements(request: MemberRequest) -> HttpResponse:
    own = Settlement.objects.filter(seller=request.user)
    page = Paginator(own, STATEMENTS_PER_PAGE).get_page(request.GET.get("page"))
    return render(
        request, "orders/settlements/list.html", {"page": page, "running": running_totals(request.user)}
    )


@require_safe
@login_required
@never_cache
def settlement(request: MemberRequest, code: str) -> HttpResponse:
    statement = get_own_settlement(request.user, code)
    page = Paginator(rows_of(statement), ROWS_PER_PAGE).get_page(request.GET.get("page"))
    context = {"settlement": statement, "parts": parts_of(statement), "page": page}
    return render(request, "orders/settlements/statement.html", context)


@require_safe
@login_required
@never_cache
def settlement_print(request: MemberRequest, code: str) -> HttpResponse:
    """The whole statement on paper: the browser prints it or keeps it as a PDF."""
    statement = get_own_settlement(request.user, code)
    context = {
        "settlement": statement,
        "parts": parts_of(statement),
        "rows": rows_of(statement),
        "zone": settings.TIME_ZONE,  # the months of the books are the site's own, wherever this is printed
    }
    return render(request, "orders/settlements/print.html", context)


@require_safe
@login_required
@never_cache
def settlement_csv(request: MemberRequest, code: str) -> StreamingHttpResponse:
    statement = get_own_settlement(request.user, code)
    lines = as_csv(rows_of(statement).iterator(chunk_size=500))
    name = f"settlement-{statement.month:%Y-%m}-{statement.code}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)


def get_own_settlement(user: User, code: str) -> Settlement:
    """Return a statement for its seller; 404 for everybody else."""
    statement = Settlement.objects.select_related("seller").filter(code=code, seller=user).first()
    if statement is None:
        raise Http404
    return statement
