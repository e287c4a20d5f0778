"""Comments: who may write, change and delete, with and without scripts."""

from uuid import uuid4

import pytest
from django.urls import reverse

from tests.makers import make_asset, make_member, make_trailer
from trailers.comment_actions import delete_comment, write_comment
from trailers.comments import COMMENTS_A_MINUTE
from trailers.models import COMMENT_MAX_LENGTH, Comment, TrailerLog

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true"}


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def trailer(seller):
    return make_trailer(seller)


@pytest.fixture
def author():
    return make_member()


@pytest.fixture
def comment(trailer, author):
    return write_comment(trailer, author=author, text="색이 더 있나요?", key=uuid4())


def url(name, one):
    return reverse(f"trailers:{name}", args=[one.code])


def write(client, trailer, text="좋아요", **more):
    return client.post(url("comments", trailer), {"text": text, **more.pop("data", {})}, **more)


def templates(response):
    return [template.name for template in response.templates]


def test_a_member_writes_in_place(client, trailer, author):
    client.force_login(author)
    response = write(client, trailer, headers=PARTIAL)
    assert response.status_code == 200
    assert templates(response)[0] == "trailers/_comments.html"
    assert "좋아요" in response.content.decode()
    assert not response.context["comment_form"].is_bound
    assert Comment.objects.get().author == author


def test_without_scripts_it_goes_back_to_the_page(client, trailer, author):
    client.force_login(author)
    response = write(client, trailer)
    assert response.headers["Location"] == f"{url('detail', trailer)}#comments"
    assert client.get(url("comments", trailer) + "?page=2").headers["Location"] == (
        f"{url('detail', trailer)}?page=2#comments"
    )


def test_a_form_sent_twice_is_one_comment(client, trailer, author):
    client.force_login(author)
    data = {"key": str(uuid4())}
    assert write(client, trailer, data=data).status_code == 302
    assert write(client, trailer, data=data).status_code == 302
    assert Comment.objects.count() == 1
    assert write(client, trailer).status_code == 302
    assert Comment.objects.count() == 2


def test_keys_of_two_members_do_not_meet(trailer, author, seller):
    key = uuid4()
    assert write_comment(trailer, author=author, text="하나", key=key) != write_comment(
        trailer, author=seller, text="둘", key=key
    )


def test_a_guest_signs_in_first(client, trailer):
    login = f"{reverse('account_login')}?next={url('detail', trailer).replace('/', '%2F')}"
    assert write(client, trailer).headers["Location"] == login
    response = write(client, trailer, headers=PARTIAL)
    assert (response.status_code, response.headers["HX-Redirect"]) == (204, login)
    assert Comment.objects.count() == 0


@pytest.mark.parametrize(
    "text", ["", "   \n ", "\u200b\u3164\u2800", "가" * (COMMENT_MAX_LENGTH + 1), "a\0b"]
)
@pytest.mark.parametrize("headers", [PARTIAL, {}])
def test_a_bad_comment_comes_back_with_words(client, trailer, author, text, headers):
    client.force_login(author)
    response = write(client, trailer, text, headers=headers)
    assert response.status_code == 422
    assert response.context["comment_form"].errors["text"]
    assert ("trailers/detail.html" in templates(response)) == (not headers)
    assert Comment.objects.count() == 0


def test_what_is_written_is_text(client, trailer, author):
    client.force_login(author)
    page = write(client, trailer, "<script>alert(1)</script>\n둘째 줄", headers=PARTIAL).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>둘째 줄" in page


def test_too_many_in_a_minute_are_refused(client, trailer, author, monkeypatch):
    monkeypatch.setattr("common.limits.time", lambda: 1_800_000_000.0)
    client.force_login(author)
    answers = [write(client, trailer, headers=PARTIAL).status_code for _ in range(COMMENTS_A_MINUTE + 1)]
    assert answers == [200] * COMMENTS_A_MINUTE + [429]
    client.force_login(make_member())
    assert write(client, trailer, headers=PARTIAL).status_code == 200


def test_nobody_comments_on_what_was_cancelled(client, seller, author):
    gone = make_trailer(seller, status="cancelled")
    client.force_login(author)
    response = write(client, gone, headers=PARTIAL)
    assert response.status_code == 422
    assert Comment.objects.count() == 0


def test_twenty_stand_on_a_page_the_newest_first(client, trailer, author):
    for number in range(21):
        write_comment(trailer, author=author, text=f"{number}번째", key=uuid4())
    page = client.get(url("comments", trailer), headers=PARTIAL).context["comments_page"]
    assert [comment.text for comment in page][:2] == ["20번째", "19번째"]
    assert len(page) == 20
    second = client.get(url("comments", trailer), {"page": "2"}, headers=PARTIAL).context["comments_page"]
    assert [comment.text for comment in second] == ["0번째"]


WHO = ["anonymous", "other member", "seller", "author", "staff"]


def sign_in(client, who, seller, author):
    people = {"seller": seller, "author": author}
    if who != "anonymous":
        client.force_login(people.get(who) or make_member(is_staff=who == "staff"))


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_its_author_edits(client, seller, author, comment, who, method):
    sign_in(client, who, seller, author)
    response = getattr(client, method)(url("edit_comment", comment), {"text": "바꿨어요"}, headers=PARTIAL)
    assert response.status_code == {"anonymous": 302, "author": 200}.get(who, 403)
    comment.refresh_from_db()
    changed = who == "author" and method == "post"
    assert (comment.text == "바꿨어요", comment.edited_at is not None) == (changed, changed)


@pytest.mark.parametrize("who", WHO)
def test_its_author_the_seller_and_staff_delete(client, seller, author, comment, who):
    sign_in(client, who, seller, author)
    response = client.post(url("delete_comment", comment), headers=PARTIAL)
    allowed = who in ("seller", "author", "staff")
    assert response.status_code == (200 if allowed else 302 if who == "anonymous" else 403)
    comment.refresh_from_db()
    assert (comment.deleted_at is not None) == allowed
    assert client.get(url("delete_comment", comment)).status_code == 405


@pytest.mark.parametrize("who", WHO)
def test_the_page_offers_what_its_reader_may_do(client, seller, author, comment, who):
    sign_in(client, who, seller, author)
    for page in (
        client.get(url("comments", comment.trailer), headers=PARTIAL).content.decode(),
        client.get(url("comment", comment), headers=PARTIAL).content.decode(),
    ):
        assert (url("edit_comment", comment) in page) == (who == "author")
        assert (url("delete_comment", comment) in page) == (who in ("author", "seller", "staff"))


def test_editing_in_place(client, author, comment):
    client.force_login(author)
    form = client.get(url("edit_comment", comment), headers=PARTIAL)
    assert templates(form)[0] == "trailers/_comment_form.html"
    assert "색이 더 있나요?" in form.content.decode()
    done = client.post(url("edit_comment", comment), {"text": "크기는요?"}, headers=PARTIAL)
    assert templates(done)[0] == "trailers/_comment.html"
    assert done.context["is_author"]
    bad = client.post(url("edit_comment", comment), {"text": " "}, headers=PARTIAL)
    assert (bad.status_code, templates(bad)[0]) == (422, "trailers/_comment_form.html")
    comment.refresh_from_db()
    assert comment.text == "크기는요?"


def test_editing_without_scripts(client, author, comment):
    client.force_login(author)
    assert "trailers/edit_comment.html" in templates(client.get(url("edit_comment", comment)))
    done = client.post(url("edit_comment", comment), {"text": "크기는요?"})
    place = f"{url('detail', comment.trailer)}#comment-{comment.code}"
    assert done.headers["Location"] == place
    assert client.get(url("comment", comment)).headers["Location"] == place
    gone = client.post(url("delete_comment", comment))
    assert gone.headers["Location"] == f"{url('detail', comment.trailer)}#comments"


def test_saving_the_same_text_is_no_edit(client, author, comment):
    client.force_login(author)
    client.post(url("edit_comment", comment), {"text": comment.text})
    comment.refresh_from_db()
    assert comment.edited_at is None


@pytest.mark.parametrize("name", ["comment", "edit_comment", "delete_comment"])
def test_a_deleted_comment_is_gone_from_the_page_and_kept(client, seller, author, comment, name):
    delete_comment(comment, by=seller, reason="광고")
    delete_comment(comment, by=author)
    client.force_login(author)
    call = client.post if name == "delete_comment" else client.get
    assert call(url(name, comment), headers=PARTIAL).status_code == 404
    assert comment.text not in client.get(url("detail", comment.trailer)).content.decode()
    comment.refresh_from_db()
    assert (comment.deleted_by, comment.deletion_reason) == (seller, "광고")
    assert TrailerLog.objects.filter(type="comment.deleted").count() == 1


@pytest.mark.parametrize("name", ["comment", "edit_comment"])
def test_a_comment_of_a_hidden_trailer_is_hidden(client, author, comment, name):
    comment.trailer.video = make_asset(comment.trailer.seller, status="transcoding")
    comment.trailer.save()
    client.force_login(author)
    assert client.get(url(name, comment), headers=PARTIAL).status_code == 404


def test_an_author_who_left_the_service_is_fine(client, comment):
    author = comment.author
    author.channel.delete()
    author.delete()
    page = client.get(url("comments", comment.trailer), headers=PARTIAL).content.decode()
    assert comment.text in page
    assert "탈퇴한 회원" in page
