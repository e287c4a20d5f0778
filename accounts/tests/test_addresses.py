"""The address book: one's own addresses only, one default, the likeliest first."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.addresses import MAX_ADDRESSES, address_book, first_address, note_used
from accounts.models import Address
from tests.makers import make_member

pytestmark = pytest.mark.django_db
LIST = reverse("accounts:addresses")
FIELDS = {
    "label": "회사",
    "name": "김하늘",
    "phone": "010-1234-5678",
    "postcode": "48900",
    "address": "부산 중구 중앙대로 1",
    "address_detail": "3층",
}


def add(client, **changes):
    return client.post(reverse("accounts:add_address"), FIELDS | changes)


@pytest.fixture
def member(client):
    member = make_member()
    client.force_login(member)
    return member


def test_the_address_from_sign_up_is_in_the_book(client, member):
    page = client.get(LIST).content.decode()
    assert member.address in page
    assert "가입할 때 적은 주소예요." in page
    assert [address.pk for address in address_book(member)] == [None]


def test_an_empty_book_says_what_to_do():
    client = Client()
    client.force_login(make_member(address="", postcode=""))
    assert "저장한 배송지가 없어요" in client.get(LIST).content.decode()


def test_adding_changing_and_deleting(client, member):
    assert add(client).headers["Location"] == LIST
    address = member.addresses.get()
    url = reverse("accounts:edit_address", args=[address.code])
    assert "부산 중구" in client.get(url).content.decode()
    client.post(url, FIELDS | {"label": "집"})
    assert member.addresses.get().label == "집"
    client.post(reverse("accounts:delete_address", args=[address.code]))
    assert member.addresses.count() == 0


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("label", "", "배송지 이름을 적어 주세요."),
        ("postcode", "123", "우편번호는 숫자 5자리예요."),
        ("phone", "12", "휴대폰 번호를 010-1234-5678처럼 적어 주세요."),
    ],
)
def test_a_wrong_answer_is_explained(client, member, field, value, sentence):
    response = add(client, **{field: value})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Address.objects.count() == 0


def test_one_default_at_most_and_it_comes_first(client, member):
    add(client, label="하나", is_default="on")
    add(client, label="둘", is_default="on")
    assert list(member.addresses.filter(is_default=True).values_list("label", flat=True)) == ["둘"]
    assert [address.label for address in address_book(member)] == ["둘", "내 주소", "하나"]
    one = member.addresses.get(label="하나")
    client.post(reverse("accounts:default_address", args=[one.code]))
    assert first_address(member).label == "하나"
    assert member.addresses.filter(is_default=True).count() == 1


def test_without_a_default_ones_own_comes_first_then_what_was_used_last(client, member):
    for label in ("하나", "둘"):
        add(client, label=label)
    note_used(member.addresses.get(label="하나"))
    assert [address.label for address in address_book(member)] == ["내 주소", "하나", "둘"]


def test_a_full_book_says_so(client, member):
    for _ in range(MAX_ADDRESSES):
        add(client)
    response = add(client)
    assert response.status_code == 422
    assert "배송지는 20개까지 저장할 수 있어요." in response.content.decode()
    url = reverse("accounts:edit_address", args=[member.addresses.first().code])
    assert client.post(url, FIELDS | {"label": "바꿈"}).status_code == 302


@pytest.mark.parametrize("name", ["edit_address", "delete_address", "default_address"])
def test_addresses_of_others_are_not_found(client, member, name):
    add(client)
    code = member.addresses.get().code
    for other in (make_member(), make_member(is_staff=True, is_superuser=True)):
        stranger = Client()
        stranger.force_login(other)
        assert stranger.post(reverse(f"accounts:{name}", args=[code]), FIELDS).status_code == 404
    assert Client().post(reverse(f"accounts:{name}", args=[code])).status_code == 302
    assert member.addresses.get().is_default is False


def test_wrong_methods_are_refused(client, member):
    add(client)
    code = member.addresses.get().code
    for name in ("delete_address", "default_address"):
        assert client.get(reverse(f"accounts:{name}", args=[code])).status_code == 405
    assert client.post(LIST).status_code == 405
