"""Categories and sellers get another name: their products are found by it, by the work of a task."""

from functools import partial

import pytest
from django.contrib.auth.models import update_last_login
from django.db import transaction
from django.forms import model_to_dict
from django.urls import reverse

from accounts.models import User
from catalog import reindexing, tasks
from catalog.actions import change_product
from catalog.listing import found
from catalog.models import Product
from catalog.search import index_text
from tests.concurrency import at_once
from tests.makers import make_category, make_member, make_product


@pytest.fixture
def queued(monkeypatch):
    """Run what is queued at once, and note it."""
    calls = []

    def run(task):
        def delay(*args):
            calls.append((task.name, *args))
            task(*args)

        monkeypatch.setattr(task, "delay", delay)

    run(tasks.reindex_category)
    run(tasks.reindex_seller)
    return calls


@pytest.fixture
def committed(queued, django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def staff(client, db):
    client.force_login(make_member(is_staff=True, is_superuser=True))


def names(query):
    return sorted(card.name for card in found(query).cards)


def test_staff_rename_a_category(client, staff, queued, committed):
    category = make_category(name="야영")
    below = make_category(name="취사", parent=category)
    make_product(make_member(), name="의자", category=category)
    make_product(make_member(), name="버너", category=below)
    fields = {"name": "캠핑", "slug": category.slug, "parent": "", "position": "0"}
    with committed():
        client.post(reverse("admin:catalog_category_change", args=[category.pk]), fields)
    assert (names("캠핑"), names("야영"), names("취사")) == (["의자"], [], ["버너"])
    assert queued == [("catalog.reindex_category", category.pk)]


def test_staff_rename_a_seller(client, staff, queued, committed):
    seller = make_member(nickname="다정상회")
    make_product(seller, name="의자")
    make_product(make_member(nickname="다정한집"), name="버너")
    page = reverse("admin:accounts_user_change", args=[seller.pk])
    fields = {name: value for name, value in model_to_dict(seller).items() if isinstance(value, str | bool)}
    joined = {"date_joined_0": "2026-01-01", "date_joined_1": "00:00:00"}
    with committed():
        assert client.post(page, fields | joined | {"nickname": "포근상회"}).status_code == 302
    assert (names("포근"), names("다정")) == (["의자"], ["버너"])
    assert queued == [("catalog.reindex_seller", seller.pk)]


@pytest.mark.django_db
def test_many_products_are_written_in_chunks(queued, committed, monkeypatch):
    monkeypatch.setattr(reindexing, "AT_ONCE", 2)
    seller = make_member(nickname="다정상회")
    products = [make_product(seller, name=f"의자 {number}") for number in range(5)]
    seller.nickname = "포근상회"
    with committed():
        seller.save()
    assert len(names("포근")) == 5
    assert queued == [
        ("catalog.reindex_seller", seller.pk, *after) for after in ([], [products[1].pk], [products[3].pk])
    ]


@pytest.mark.django_db
def test_what_changes_no_name_queues_nothing(queued, committed):
    with committed():
        seller, buyer = make_member(), make_member()
        make_product(seller, category=make_category())
        update_last_login(User, seller)
        make_category().save()
        buyer.save()
    assert queued == []


@pytest.mark.django_db
def test_a_rename_that_is_not_committed_queues_nothing(queued, committed):
    product = make_product(make_member(nickname="다정상회"))
    product.seller.nickname = "포근상회"
    with committed(), transaction.atomic():
        product.seller.save()
        transaction.set_rollback(True)
    assert queued == []


@pytest.mark.django_db
def test_a_product_that_its_seller_changes_meanwhile_is_written_as_it_is_by_then(monkeypatch):
    seller = make_member(nickname="다정상회")
    product = make_product(seller, name="의자")
    User.objects.filter(pk=seller.pk).update(nickname="포근상회")
    write = reindexing._write

    def change_first(ids):
        change_product(product.pk, by=seller, name="버너")
        return write(ids)

    monkeypatch.setattr(reindexing, "_write", change_first)
    tasks.reindex_seller(seller.pk)
    assert (names("포근"), names("의자")) == (["버너"], [])


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_renames_and_changes_at_once_leave_every_product_found_by_what_it_is():
    seller = make_member(nickname="다정상회")
    products = [make_product(seller, name=f"의자 {number}") for number in range(6)]
    User.objects.filter(pk=seller.pk).update(nickname="포근상회")

    def work(number):
        if number % 2:
            tasks.reindex_seller(seller.pk)
        else:
            change_product(products[number // 2].pk, by=seller, name=f"버너 {number}")

    at_once(*(partial(work, number) for number in range(8)))
    for product in Product.objects.select_related("category", "seller"):
        assert product.search_text == index_text(product)
