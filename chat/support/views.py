"""Supporting the host: amount and words, the payment, what became of it; and the queue in the control room."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import MemberRequest
from broadcasts.access import get_kept_broadcast
from broadcasts.models import Broadcast
from chat.questions.access import get_show
from chat.refusals import Refusal
from chat.support.actions import NotPaid, begin_support, show_support
from chat.support.forms import SupportForm
from chat.support.models import SupportMessage
from common.errors import DomainError, ProviderError
from common.htmx import is_partial
from common.limits import too_often
from orders.models import Checkout
from orders.paying import NotPayable, catch_up, start_payment
from orders.payments.labels import LABELS

PER_PAGE = 20
BEGUN_A_MINUTE = 6


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def support(request: MemberRequest, code: str) -> HttpResponse:
    """The form; a POST opens the payment page. Pressed twice it opens the same payment."""
    show = get_show(code)
    if request.method != "POST":
        return _form(request, show, SupportForm())
    if too_often("support", request.user.pk, most=BEGUN_A_MINUTE, seconds=60):
        return render(request, "429.html", status=429)
    form = SupportForm(request.POST)
    if not form.is_valid():
        return _form(request, show, form)
    said = form.cleaned_data
    try:
        message = begin_support(request.user, show, amount=said["amount"], text=said["text"], key=said["key"])
        address = _open_payment(request, message, said["method"])
    except NotPayable:  # it was paid in another tab, or its time ran out
        return redirect("chat:support_message", show.code, message.code)
    except Refusal as refusal:
        form.add_error("text", refusal.message)
    except DomainError as refusal:
        form.add_error(None, refusal.message)
    except ProviderError:
        form.add_error(None, _("결제 화면을 열지 못했어요. 잠시 뒤에 다시 눌러 주세요."))
    if form.errors:
        return _form(request, show, form)
    if not is_partial(request):
        return redirect(address)
    context = {"broadcast": show, "message": message, "address": address}
    return render(request, "chat/support/_pay.html", context | {"framed": LABELS[said["method"]].framed})


def _open_payment(request: MemberRequest, message: SupportMessage, method: str) -> str:
    checkout = message.tip.checkout
    back = reverse("orders:checkout_return", args=[checkout.code, "-ref-"]).replace("-ref-", "{ref}")
    url = request.build_absolute_uri("/")[:-1] + back
    return start_payment(checkout.pk, method=method, return_url=url)


def _form(request: MemberRequest, show: Broadcast, form: SupportForm) -> HttpResponse:
    context = {"broadcast": show, "form": form}
    template = "chat/support/_form.html" if is_partial(request) else "chat/support/form.html"
    return render(request, template, context, status=422 if form.errors else 200)


@require_safe
@login_required
@never_cache
def support_message(request: MemberRequest, code: str, message: str) -> HttpResponse:
    """What became of the member's own message."""
    rows = SupportMessage.objects.with_receipt()
    own = get_object_or_404(rows, broadcast__code=code, code=message, author=request.user)
    checkout = own.tip.checkout
    catch_up(checkout)
    context = {"message": own, "checkout": checkout, "broadcast": own.broadcast}
    template = "chat/support/_message.html" if is_partial(request) else "chat/support/message.html"
    return render(request, template, context)


@require_safe
@login_required
@never_cache
def given_support(request: MemberRequest) -> HttpResponse:
    """What the member gave and had back, the newest first."""
    paid = SupportMessage.objects.filter(author=request.user, tip__checkout__status=Checkout.Status.PAID)
    page = Paginator(paid.with_receipt().order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "chat/support/given.html", {"page": page})


@require_safe
@login_required
@never_cache
def support_queue(request: MemberRequest, code: str) -> HttpResponse:
    return _queue(request, get_kept_broadcast(request.user, code))


@require_POST
@login_required
@never_cache
def show_message(request: MemberRequest, code: str, message: str) -> HttpResponse:
    show = get_kept_broadcast(request.user, code)
    wanted = get_object_or_404(SupportMessage.objects.select_related("author"), broadcast=show, code=message)
    problem = ""
    try:
        show_support(wanted, by=request.user)
    except (Refusal, NotPaid) as refusal:
        problem = refusal.message
    if not is_partial(request):
        return redirect("chat:support_queue", show.code)
    return _queue(request, show, problem=problem)


def _queue(request: MemberRequest, show: Broadcast, *, problem: str = "") -> HttpResponse:
    paid = SupportMessage.objects.paid().filter(broadcast=show).select_related("author")
    page = Paginator(paid.order_by("shown_at", "created_at"), PER_PAGE).get_page(request.GET.get("page"))
    context = {"broadcast": show, "page": page, "problem": problem}
    template = "chat/support/_queue.html" if is_partial(request) else "chat/support/queue.html"
    return render(request, template, context)
