"""Questions on the watch page, in the queue, on the product's page; who may do what."""

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import Broadcast, Moderator
from chat.history import read_room
from chat.questions import actions
from chat.questions.models import Question, QuestionVote, Screen
from tests.makers import make_broadcast, make_member

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def show():
    return make_broadcast(make_member(), status="live", started_at=timezone.now())


@pytest.fixture
def host(show):
    return show.channel.member


def ask(show, text="세탁기에 돌려도 되나요?"):
    return actions.ask(show.pk, make_member(), text=text)


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_a_guest_reads_and_is_asked_to_sign_in(client, show):
    ask(show)
    page = html(client.get(reverse("chat:questions", args=[show.code]), **HTMX))
    assert "세탁기에 돌려도 되나요?" in page
    assert "로그인하고 질문하기" in page
    assert "question-ask" not in page


def test_the_part_alone_is_no_page(client, show):
    response = client.get(reverse("chat:questions", args=[show.code]))
    assert response.headers["Location"] == reverse("broadcasts:watch", args=[show.code])
    Broadcast.objects.filter(pk=show.pk).update(status="cancelled")
    assert client.get(reverse("chat:questions", args=[show.code]), **HTMX).status_code == 404


def test_a_member_asks_and_sees_how_it_goes(client, show):
    client.force_login(member := make_member())
    page = html(client.post(reverse("chat:ask", args=[show.code]), {"text": "얼마예요?"}, **HTMX))
    assert "내 질문 1개" in page
    assert "기다리는 중" in page
    assert Question.objects.get().author == member


def test_who_asks_what_is_asked_hears_that_it_was_seconded(client, show):
    question = ask(show)
    client.force_login(make_member())
    page = html(client.post(reverse("chat:ask", args=[show.code]), {"text": question.text}, **HTMX))
    assert "같은 질문이 있어서" in page
    assert Question.objects.get().votes == 2


def test_a_refused_question_keeps_its_words(client, show):
    client.force_login(make_member())
    page = html(client.post(reverse("chat:ask", args=[show.code]), {"text": "???"}, **HTMX), 422)
    assert 'value="???"' in page
    assert "궁금한 점을 글로 적어 주세요." in page


def test_asking_and_seconding_have_a_pace(client, show):
    client.force_login(make_member())
    url = reverse("chat:ask", args=[show.code])
    assert [client.post(url, {"text": ""}, **HTMX).status_code for _ in range(7)] == [422] * 6 + [429]
    vote = reverse("chat:second", args=[show.code, ask(show).code])
    assert {client.post(vote, **HTMX).status_code for _ in range(40)} == {200}
    assert client.post(vote, **HTMX).status_code == 429
    assert QuestionVote.objects.count() == 2


def test_seconding_is_a_button_that_can_be_pressed_again(client, show):
    question = ask(show)
    client.force_login(make_member())
    second = reverse("chat:second", args=[show.code, question.code])
    unsecond = reverse("chat:unsecond", args=[show.code, question.code])
    page = html(client.post(second, **HTMX))
    assert 'aria-pressed="true"' in page
    assert f'action="{unsecond}"' in page
    assert 'aria-pressed="true"' in html(client.get(reverse("chat:questions", args=[show.code]), **HTMX))
    assert 'aria-pressed="false"' in html(client.post(unsecond, **HTMX))


def test_a_question_of_another_show_is_not_found(client, show):
    elsewhere = ask(make_broadcast(make_member(), status="live"))
    client.force_login(make_member())
    assert client.post(reverse("chat:second", args=[show.code, elsewhere.code])).status_code == 404


def test_the_list_takes_as_many_queries_with_one_as_with_twenty(client, show, django_assert_num_queries):
    url = reverse("chat:questions", args=[show.code])
    client.force_login(make_member())
    ask(show)
    with django_assert_num_queries(7):
        client.get(url, **HTMX)
    for number in range(20):
        ask(show, f"질문 {number}")
    with django_assert_num_queries(7):
        page = html(client.get(url, **HTMX))
    assert page.count("data-question=") == 20
    assert "1 / 2" in page


def test_the_most_wanted_come_first_and_what_is_shown_before_them(client, show, host):
    first, wanted, shown = (ask(show, text) for text in ("하나", "둘", "셋"))
    QuestionVote.objects.create(question=wanted, member=make_member())
    Question.objects.filter(pk=wanted.pk).update(votes=2)
    actions.show_question(shown, by=host)
    order = list(Question.objects.filter(broadcast=show).most_wanted())
    assert order == [shown, wanted, first]


@pytest.mark.parametrize("who", ["seller", "moderator"])
def test_keepers_put_questions_on_the_picture(client, show, host, who):
    keeper = host if who == "seller" else make_member()
    if who == "moderator":
        Moderator.objects.create(channel=show.channel, member=keeper)
    question = ask(show)
    client.force_login(keeper)
    queue = html(client.get(reverse("chat:questions_queue", args=[show.code]), **HTMX))
    assert "화면에 띄우기" in queue
    move = {
        verb: reverse("chat:move_question", args=[show.code, question.code, verb])
        for verb in ("show", "answer", "back", "dismiss", "nonsense")
    }
    assert "data-shown" in html(client.post(move["show"], **HTMX))
    assert Screen.objects.get().item == question.code
    assert client.post(move["nonsense"], **HTMX).status_code == 404
    html(client.post(move["answer"], **HTMX))
    question.refresh_from_db()
    assert question.status == "answered"
    assert "그 사이에" in html(client.post(move["dismiss"], **HTMX))


@pytest.mark.parametrize("is_staff", [False, True])
def test_nobody_else_does(client, show, is_staff):
    question = ask(show)
    other = make_member(is_staff=is_staff)
    Moderator.objects.create(channel=make_member().channel, member=other)
    client.force_login(other)
    assert client.get(reverse("chat:questions_queue", args=[show.code])).status_code == 403
    url = reverse("chat:move_question", args=[show.code, question.code, "show"])
    assert client.post(url).status_code == 403
    question.refresh_from_db()
    assert question.status == "waiting"


def test_the_queue_merges(client, show, host):
    question, target = ask(show, "물세탁 되나요"), ask(show, "세탁기 돼요?")
    client.force_login(host)
    url = reverse("chat:merge_question", args=[show.code, question.code])
    assert client.post(url, {"into": "nosuchcode12"}, **HTMX).status_code == 404
    assert "2명이 궁금해해요" in html(client.post(url, {"into": target.code}, **HTMX))


def test_the_picture_is_cleared(client, show, host):
    question = ask(show)
    actions.show_question(question, by=host)
    client.force_login(host)
    html(client.post(reverse("chat:clear_screen", args=[show.code]), **HTMX))
    question.refresh_from_db()
    assert (question.status, Screen.objects.get().item) == ("waiting", "")


def test_the_rooms_state_says_what_is_on_the_picture_on_the_air_only(show, host):
    question = ask(show)
    assert read_room(show.code, None).state.on_screen is None
    actions.show_question(question, by=host)
    told = read_room(show.code, None).state.on_screen
    shown = told.item
    assert (shown.id, shown.kind, shown.text, shown.version) == (question.code, "question", question.text, 1)
    assert told.at == shown.since == Screen.objects.get().since.isoformat()
    actions.take_down(show.pk, by=host)
    emptied = read_room(show.code, None).state.on_screen
    assert (emptied.item, emptied.version) == (None, 2)
    assert emptied.at == Screen.objects.get().since.isoformat() > told.at
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    assert read_room(show.code, None).state.on_screen is None


def test_what_was_left_over_is_answered_and_stands_on_the_products_page(client, show, host):
    question = ask(show)
    product_part = reverse("chat:product_questions", args=[question.product.code])
    assert html(client.get(product_part)).strip() == ""
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    assert "답변을 기다리고 있어요" in html(client.get(product_part))
    client.force_login(host)
    assert question.text in html(client.get(reverse("chat:studio_questions")))
    answer = reverse("chat:answer_question", args=[question.code])
    assert "적어 주세요" in html(client.post(answer, {"text": " "}, **HTMX), 422)
    assert "내 답변" in html(client.post(answer, {"text": "<b>찬물</b>로요."}, **HTMX))
    part = html(client.get(product_part))
    assert "&lt;b&gt;찬물&lt;/b&gt;로요." in part
    assert "남은 질문이 없어요" in html(client.get(reverse("chat:studio_questions")))


def test_another_seller_answers_nothing(client, show):
    question = ask(show)
    Broadcast.objects.filter(pk=show.pk).update(status="ended", ended_at=timezone.now())
    client.force_login(make_member())
    answer = reverse("chat:answer_question", args=[question.code])
    assert client.post(answer, {"text": "네"}).status_code == 404
    assert question.text not in html(client.get(reverse("chat:studio_questions")))
