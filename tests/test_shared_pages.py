"""The pages that thousands open at once: made once for all visitors, anew for each member."""

import pytest

from common.templatetags.keep import forget_kept
from tests.makers import make_broadcast, make_category, make_member, make_product

pytestmark = pytest.mark.django_db
PAGES = ["/", "/products/new/", "/categories/lamps/", "/categories/lamps/?sort=price", "/search/?q=조명"]


@pytest.fixture
def shop(settings):
    settings.SHARED_SECONDS = 60
    forget_kept()
    category = make_category(slug="lamps", name="조명")
    seller = make_member()
    make_broadcast(
        seller, products=[make_product(seller, name="조명 하나", category=category)], status="live"
    )
    yield lambda name: make_product(seller, name=name, category=category)
    forget_kept()


@pytest.mark.parametrize("page", PAGES)
def test_the_second_visitor_costs_no_query(client, shop, page, django_assert_num_queries):
    first = client.get(page)
    assert "조명 하나" in first.content.decode()
    with django_assert_num_queries(0):
        second = client.get(page)
    assert "조명 하나" in second.content.decode()


@pytest.mark.parametrize("page", PAGES)
def test_a_member_sees_what_is_new_at_once(client, shop, page):
    client.get(page)
    shop("조명 둘")
    assert "조명 둘" not in client.get(page).content.decode()
    client.force_login(make_member())
    assert "조명 둘" in client.get(page).content.decode()


def test_nothing_of_a_visitor_is_in_what_is_shared(client, shop):
    first, second = (client.get("/").content.decode() for _ in range(2))
    [mine], [theirs] = (
        [line for line in page.splitlines() if "X-CSRFToken" in line] for page in (first, second)
    )
    assert mine != theirs
