"""The steps of buying: a part alone for the sheet beside a running show, else within a page of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.htmx import is_partial


def show_step(request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Answer with templates/orders/checkout/_<name>.html. Forms in it work by htmx in the sheet (`sheet`) only."""
    part = f"orders/checkout/_{name}.html"
    context |= {"step": part, "sheet": is_partial(request)}
    template = part if is_partial(request) else "orders/checkout/page.html"
    return render(request, template, context, status=status)
