"""Chapters: by themselves from pins, by hand on the ended show, and where a replay shows them."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from broadcasts.actions import end_broadcast, pin_product
from broadcasts.chapters import actions
from broadcasts.chapters.listing import chapters_of
from broadcasts.chapters.models import Chapter
from broadcasts.chapters.pins import follow_pin
from broadcasts.models import Moderator
from broadcasts.moves import move_broadcast
from broadcasts.replay import Place, read_replay
from broadcasts.tests.shows import START, record
from tests.makers import make_broadcast, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """The server's clock, to be set forward by seconds."""

    class Clock:
        now = START

        def forward(self, seconds):
            self.now += timedelta(seconds=seconds)

    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def show(seller):
    """On the air since START."""
    products = [make_product(seller, name="자켓"), make_product(seller, name="니트")]
    return make_broadcast(seller, products=products, status="live", started_at=START)


def pin(show, number):
    product = show.lineup.all()[number].product.code if number is not None else None
    pin_product(show.pk, product, by=show.channel.member)


def titles(show):
    return [(chapter.title, chapter.at, chapter.until) for chapter in show.chapters.all()]


class TestPins:
    def test_each_product_that_stays_pinned_is_a_chapter(self, show, clock):
        pin(show, 0)
        clock.forward(60)
        pin(show, 1)
        clock.forward(30)
        pin(show, None)
        minute, end = START + timedelta(seconds=60), START + timedelta(seconds=90)
        assert titles(show) == [("자켓", START, minute), ("니트", minute, end)]

    def test_a_slip_is_none(self, show, clock):
        pin(show, 0)
        clock.forward(9)
        pin(show, 1)
        clock.forward(10)
        pin(show, None)
        assert [title for title, *_ in titles(show)] == ["니트"]

    def test_a_product_that_comes_right_back_was_not_away(self, show, clock):
        pin(show, 0)
        clock.forward(60)
        pin(show, 1)
        clock.forward(3)
        pin(show, 0)
        clock.forward(20)
        pin(show, None)
        assert titles(show) == [("자켓", START, START + timedelta(seconds=83))]

    def test_what_was_pinned_before_the_show_begins_with_it(self, seller, clock):
        show = make_broadcast(seller, status="starting")
        pin(show, 0)
        assert not titles(show)
        clock.forward(30)
        move_broadcast(show.pk, "live")
        assert [at for _, at, _ in titles(show)] == [START + timedelta(seconds=30)]

    def test_a_lost_picture_does_not_part_it_and_the_end_ends_it(self, show, clock):
        pin(show, 0)
        clock.forward(20)
        move_broadcast(show.pk, "reconnecting")
        clock.forward(20)
        move_broadcast(show.pk, "live")
        clock.forward(20)
        end_broadcast(show.pk)
        assert titles(show) == [("자켓", START, START + timedelta(seconds=60))]

    def test_following_again_changes_nothing(self, show, clock):
        pin(show, 0)
        clock.forward(60)
        show.refresh_from_db()
        follow_pin(show)
        assert titles(show) == [("자켓", START, None)]


class TestPlaces:
    @pytest.mark.parametrize(
        ("second", "ms"), [(0, 0), (100, 100_000), (250, 200_000), (400, 300_000), (9_999, 500_000)]
    )
    def test_time_between_two_streams_is_not_in_the_recording(self, show, second, ms):
        record(show, lead_seconds=5, gap=(200, 300))
        at = START + timedelta(seconds=second)
        assert read_replay(show).place_of(at) == Place(part=1, ms=ms)

    @pytest.mark.parametrize(("ms", "second"), [(0, 0), (199_000, 199), (201_000, 301), (500_000, 600)])
    def test_and_back(self, show, ms, second):
        record(show, lead_seconds=5, gap=(200, 300))
        assert read_replay(show).moment_of(Place(part=1, ms=ms)) == START + timedelta(seconds=second)

    def test_a_part_that_there_is_not(self, show):
        record(show)
        for part in (0, 2):
            with pytest.raises(IndexError):
                read_replay(show).moment_of(Place(part=part, ms=0))

    def test_a_list_takes_the_same_queries_however_long(self, show, django_assert_num_queries):
        record(show)
        for second in range(20):
            actions.add_chapter(show, at=START + timedelta(seconds=second), title=f"장면 {second}")
        with django_assert_num_queries(3):
            assert len(chapters_of(show)) == 20

    def test_while_on_air_there_are_none(self, show):
        actions.add_chapter(show, at=START, title="장면")
        assert chapters_of(show) == []


class TestByHand:
    def test_the_same_again_is_one(self, show):
        first = actions.add_chapter(show, at=START, title="장면")
        assert actions.add_chapter(show, at=START, title="장면") == first

    def test_there_is_an_end(self, show, monkeypatch):
        monkeypatch.setattr(actions, "MOST", 1)
        actions.add_chapter(show, at=START, title="하나")
        with pytest.raises(actions.TooManyChapters):
            actions.add_chapter(show, at=START, title="둘")

    def test_the_seller_adds_moves_and_removes(self, client, seller, show):
        record(show, lead_seconds=7)
        client.force_login(seller)
        page = reverse("broadcasts:chapters", args=[show.code])
        response = client.post(
            reverse("broadcasts:add_chapter", args=[show.code]),
            {"part": 1, "time": "1:23", "title": "  세탁   방법 "},
        )
        assert response.headers["Location"] == f"{page}?part=1"
        chapter = Chapter.objects.get()
        assert (chapter.title, chapter.at) == ("세탁 방법", START + timedelta(seconds=83))
        assert "1:23" in client.get(page).content.decode()
        change = reverse("broadcasts:change_chapter", args=[show.code, chapter.code])
        client.post(change, {"part": 1, "time": "0:02:00", "title": "빨래"})
        chapter.refresh_from_db()
        assert (chapter.title, chapter.at) == ("빨래", START + timedelta(seconds=120))
        client.post(reverse("broadcasts:remove_chapter", args=[show.code, chapter.code]))
        assert not Chapter.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [({"time": "83"}, "1:23처럼"), ({"title": " "}, "필수"), ({"part": 2}, "없는 부분")],
    )
    def test_a_mistake_is_explained(self, client, seller, show, wrong, sentence):
        record(show)
        client.force_login(seller)
        values = {"part": 1, "time": "1:23", "title": "장면"} | wrong
        response = client.post(reverse("broadcasts:add_chapter", args=[show.code]), values, follow=True)
        assert sentence in response.content.decode()
        assert not Chapter.objects.exists()

    def test_what_a_pin_made_is_hidden_not_forgotten(self, client, seller, show, clock):
        pin(show, 0)
        clock.forward(30)
        pin(show, None)
        record(show)
        client.force_login(seller)
        client.post(reverse("broadcasts:remove_chapter", args=[show.code, show.chapters.get().code]))
        assert show.chapters.get().hidden
        assert chapters_of(show) == []

    def test_without_a_replay_there_is_nothing_to_put_right(self, client, seller, show):
        client.force_login(seller)
        assert client.get(reverse("broadcasts:chapters", args=[show.code])).status_code == 404

    def test_not_even_a_moderator_may(self, client, show):
        record(show)
        moderator = make_member()
        Moderator.objects.create(channel=show.channel, member=moderator)
        client.force_login(moderator)
        assert client.get(reverse("broadcasts:chapters", args=[show.code])).status_code == 403
        add = reverse("broadcasts:add_chapter", args=[show.code])
        assert client.post(add, {"part": 1, "time": "1:00", "title": "장면"}).status_code == 403


class TestWatchPage:
    def test_the_replay_lists_them_and_leads_from_the_product(self, client, show, clock):
        clock.forward(30)
        pin(show, 1)
        clock.forward(30)
        pin(show, None)
        record(show)
        page = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
        assert page.count("이 상품 다시 보기") == 1
        assert 'data-part="1" data-ms="30000"' in page

    def test_a_live_page_has_none(self, client, show, clock):
        pin(show, 0)
        clock.forward(60)
        page = client.get(reverse("broadcasts:watch", args=[show.code])).content.decode()
        assert "다시 보기" not in page
