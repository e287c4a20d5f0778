from datetime import UTC, datetime

import pytest
from django.contrib.admin.sites import site
from django.urls import reverse

from accounts.models import Undeliverable
from accounts.undeliverable import is_undeliverable, note_undeliverable, undeliverable_among
from tests.makers import make_member

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 1, tzinfo=UTC)
BOUNCED, COMPLAINED = Undeliverable.Reason.BOUNCED, Undeliverable.Reason.COMPLAINED


def test_it_finds_an_address_however_it_is_written():
    note_undeliverable("Me@Example.com", reason=BOUNCED, at=AT)
    assert is_undeliverable("me@EXAMPLE.com")
    assert not is_undeliverable("you@example.com")
    assert undeliverable_among(["ME@example.com", "you@example.com"]) == {"ME@example.com"}


def test_an_address_is_noted_once_and_a_complaint_outweighs_a_bounce():
    note_undeliverable("me@example.com", reason=BOUNCED, at=AT)
    note_undeliverable("ME@example.com", reason=COMPLAINED, at=AT)
    note_undeliverable("me@example.com", reason=BOUNCED, at=AT)
    assert Undeliverable.objects.get().reason == COMPLAINED


def test_many_addresses_are_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert undeliverable_among(f"{number}@example.com" for number in range(50)) == set()


def test_staff_take_an_address_off_the_list(client):
    note_undeliverable("me@example.com", reason=BOUNCED, at=AT)
    row = Undeliverable.objects.get()
    client.force_login(make_member(is_staff=True, is_superuser=True))
    assert "me@example.com" in client.get(reverse("admin:accounts_undeliverable_changelist")).content.decode()
    client.post(reverse("admin:accounts_undeliverable_delete", args=[row.pk]), {"post": "yes"})
    assert not is_undeliverable("me@example.com")
    assert not site.get_model_admin(Undeliverable).has_add_permission(None)
