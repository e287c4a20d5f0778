import pytest
from django.core import mail
from django.urls import reverse

from accounts import signals
from accounts.models import Consent, User
from broadcasts.models import Channel
from tests.makers import PASSWORD, make_member

pytestmark = pytest.mark.django_db


def answers(**changes):
    return {
        "username": "haneul",
        "email": "haneul@example.com",
        "password1": "a long enough one 9",
        "password2": "a long enough one 9",
        "name": "김하늘",
        "nickname": "하늘상점",
        "kind": "business",
        "phone": "010-1234-5678",
        "postcode": "04524",
        "address": "서울 중구 세종대로 110",
        "address_detail": "3층",
        "agree_terms": "on",
        "agree_privacy": "on",
        "agree_age": "on",
        **changes,
    }


@pytest.fixture
def joined():
    """Collect who `member_joined` told of."""
    told = []

    def note(*, member_id, **kwargs):
        told.append(member_id)

    signals.member_joined.connect(note)
    yield told
    signals.member_joined.disconnect(note)


def test_the_page_asks_for_everything_and_ticks_nothing(client):
    page = client.get(reverse("account_signup")).content.decode()
    for name in answers(agree_marketing="on"):
        assert f'name="{name}"' in page
    assert "checked" not in page.split('name="agree_terms"')[1].split(">")[0]


def test_it_saves_the_member_and_signs_them_in(client, joined, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("account_signup"), answers(agree_marketing="on"))
    assert response.status_code == 302
    member = User.objects.get(username="haneul")
    assert (member.name, member.nickname, member.kind) == ("김하늘", "하늘상점", "business")
    assert (member.postcode, member.address, member.address_detail) == (
        "04524",
        "서울 중구 세종대로 110",
        "3층",
    )
    assert set(member.consents.values_list("subject", flat=True)) == set(Consent.Subject)
    assert client.session["_auth_user_id"] == str(member.pk)
    assert joined == [member.pk]
    assert [message.to for message in mail.outbox] == [["haneul@example.com"]]


def test_advertising_is_a_choice(client):
    client.post(reverse("account_signup"), answers())
    assert not Consent.objects.filter(subject="marketing").exists()
    assert Consent.objects.count() == 3


def test_a_nickname_is_made_up_when_left_empty(client):
    client.post(reverse("account_signup"), answers(nickname=""))
    nickname = User.objects.get().nickname
    assert nickname.startswith("회원")
    assert "haneul" not in nickname


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"agree_terms": ""}, "이용약관에 동의해 주세요."),
        ({"agree_privacy": ""}, "개인정보 수집과 이용에 동의해 주세요."),
        ({"agree_age": ""}, "만 14세 이상만 가입할 수 있어요."),
        ({"postcode": "12"}, "우편번호는 숫자 5자리예요."),
        ({"phone": "hello"}, "휴대폰 번호를 010-1234-5678처럼 적어 주세요."),
        ({"username": "관리자"}, "아이디"),
        ({"password2": "another one 10"}, "비밀번호"),
        ({"name": ""}, "필수"),
        ({"kind": "robot"}, "robot"),
    ],
)
def test_it_says_what_is_wrong_and_saves_nothing(client, changes, sentence):
    response = client.post(reverse("account_signup"), answers(**changes))
    assert response.status_code == 200
    assert sentence in response.content.decode()
    assert not User.objects.exists()


def test_nicknames_are_unique_whatever_their_case(client):
    make_member(nickname="Sky")
    response = client.post(reverse("account_signup"), answers(nickname="sky"))
    assert "이미 쓰고 있는 닉네임이에요." in response.content.decode()
    assert User.objects.count() == 1


def test_an_address_in_use_makes_no_second_member(client):
    make_member(email="haneul@example.com")
    client.post(reverse("account_signup"), answers(email="HANEUL@example.com"))
    assert User.objects.count() == 1


def test_every_member_gets_a_channel_that_says_preparing(
    client, django_capture_on_commit_callbacks, monkeypatch
):
    queued = []
    monkeypatch.setattr("broadcasts.tasks.prepare_channel.delay", queued.append)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(reverse("account_signup"), answers())
    channel = Channel.objects.get(member__username="haneul")
    assert channel.state == "preparing"
    assert queued == [channel.pk]


def test_the_broker_being_down_does_not_stop_a_sign_up(
    client, django_capture_on_commit_callbacks, monkeypatch
):
    def broken(channel_id):
        raise ConnectionError("no broker")

    monkeypatch.setattr("broadcasts.tasks.prepare_channel.delay", broken)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(reverse("account_signup"), answers())
    assert response.status_code == 302
    assert Channel.objects.get().state == "preparing"


@pytest.mark.parametrize("login", ["username", "email"])
def test_sign_in_with_id_or_address_and_sign_out(client, login):
    member = make_member()
    response = client.post(reverse("account_login"), {"login": getattr(member, login), "password": PASSWORD})
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(member.pk)
    assert client.get(reverse("account_logout")).status_code == 200  # asks first
    client.post(reverse("account_logout"))
    assert "_auth_user_id" not in client.session


def test_a_wrong_password_does_not_say_whether_the_id_exists(client):
    member = make_member()
    url = reverse("account_login")
    wrong = client.post(url, {"login": member.username, "password": "nope nope nope"}).content.decode()
    nobody = client.post(url, {"login": "nobody", "password": "nope nope nope"}).content.decode()
    assert "_auth_user_id" not in client.session
    assert [line for line in wrong.splitlines() if "비밀번호가" in line or "올바르지" in line] == [
        line for line in nobody.splitlines() if "비밀번호가" in line or "올바르지" in line
    ]


def test_my_page_needs_sign_in(client):
    url = reverse("accounts:me")
    assert client.get(url).headers["Location"].startswith(reverse("account_login"))
    client.force_login(make_member(nickname="하늘상점"))
    assert "하늘상점" in client.get(url).content.decode()
    assert client.post(url).status_code == 405


@pytest.mark.parametrize("name", ["accounts:terms", "accounts:privacy"])
def test_legal_texts_are_open(client, name):
    assert client.get(reverse(name)).status_code == 200


def test_the_mail_speaks_in_the_sites_name(client, mailoutbox, settings):
    client.post(reverse("account_signup"), answers())
    (mail,) = mailoutbox
    assert mail.subject.startswith(f"[{settings.SITE_NAME}] ")
    assert settings.SITE_NAME in mail.body
    assert "testserver" not in mail.subject
