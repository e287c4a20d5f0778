"""What shows did not come to: answered in writing, and read on the product's page."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.requests import MemberRequest
from chat.questions.access import get_question_to_answer
from chat.questions.actions import write_answer
from chat.questions.forms import AnswerForm
from chat.questions.models import Question
from chat.questions.refusals import QuestionOver
from common.htmx import is_partial

PER_PAGE = 20
ON_A_PRODUCT = 5


@require_safe
@login_required
@never_cache
def studio_questions(request: MemberRequest) -> HttpResponse:
    """The questions that the seller's shows ended without coming to."""
    left = Question.objects.unanswered().filter(broadcast__channel__member=request.user)
    rows = left.select_related("author", "broadcast", "product").order_by("-votes", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    forms = [(question, _form(question)) for question in page]
    return render(request, "chat/questions/studio.html", {"page": page, "rows": forms})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def answer(request: MemberRequest, question: str) -> HttpResponse:
    """One question with its form; a POST answers it."""
    asked = get_question_to_answer(request.user, question)
    form = _form(asked, request.POST) if request.method == "POST" else _form(asked)
    if request.method == "POST" and form.is_valid():
        try:
            write_answer(asked, text=form.cleaned_data["text"], by=request.user)
        except QuestionOver as refusal:
            form.add_error(None, refusal.message)
        else:
            if not is_partial(request):
                return redirect("chat:studio_questions")
            asked.refresh_from_db()
            form = _form(asked)
    context = {"question": asked, "form": form}
    status = 422 if form.errors else 200
    template = "chat/questions/_answer.html" if is_partial(request) else "chat/questions/answer.html"
    return render(request, template, context, status=status)


def _form(question: Question, data: object = None) -> AnswerForm:
    initial = {"text": question.answer}
    return AnswerForm(data, initial=initial, auto_id=f"answer-{question.code}-%s")


@require_safe
def product_questions(request: HttpRequest, product: str) -> HttpResponse:
    """The part of a product's page with what people asked about it, and what the seller wrote."""
    rows = Question.objects.of_product(product).select_related("author", "broadcast__channel__member")
    page = Paginator(rows.order_by("-asked_at"), ON_A_PRODUCT).get_page(request.GET.get("page"))
    return render(request, "chat/questions/_product.html", {"page": page, "product": product})
