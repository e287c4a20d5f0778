import pytest
from django.urls import reverse

from catalog.models import Product, ShippingRule, StockMovement
from tests.makers import make_asset, make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller(client):
    member = make_member()
    client.force_login(member)
    return member


def sent(**changes):
    """A form as a browser sends it."""
    values = {
        "name": "머그",
        "category": "1",
        "deal": "retail",
        "price": "12900",
        "description": "",
        "condition": "",
        "place": "",
        "shipping": "",
        "return_days": "7",
        "return_terms": "",
        "stock": "5",
        "variants-TOTAL_FORMS": "0",
        "variants-INITIAL_FORMS": "0",
    }
    return values | changes


def row(number, **fields):
    values = {"code": "", "extra_price": "", "stock": "", "active": "on"} | fields
    return {f"variants-{number}-{name}": value for name, value in values.items() if value is not None}


def errors(response):
    return response.context["form"].errors


def test_a_product_goes_on_the_shelf(client, seller):
    response = client.post(reverse("catalog:create"), sent(description="<b>굵게</b><script>x</script>"))
    product = Product.objects.get(seller=seller)
    assert response.headers["Location"] == reverse("catalog:edit", args=[product.code])
    assert (product.name, product.price, product.left) == ("머그", 12_900, 5)
    assert product.description == "<b>굵게</b>"
    assert client.get(response.headers["Location"]).status_code == 200


def test_a_product_with_options_has_a_stock_for_each_choice(client, seller):
    data = sent(option_1="색상", option_2="사이즈", **{"variants-TOTAL_FORMS": "2"})
    data |= row(0, value_1="검정", value_2="M", stock="3") | row(
        1, value_1="검정", value_2="L", extra_price="1000"
    )
    client.post(reverse("catalog:create"), data)
    product = Product.objects.get(seller=seller)
    assert product.option_names == ["색상", "사이즈"]
    facts = [(each.name, each.extra_price, each.stock.left) for each in product.variants.all()]
    assert facts == [("검정 / M", 0, 3), ("검정 / L", 1_000, 0)]


def test_an_edit_keeps_stock_and_codes(client, seller):
    product = make_product(seller, stock=5)
    before = product.variants.get()
    client.post(reverse("catalog:edit", args=[product.code]), sent(name="새 이름", stock="99"))
    product.refresh_from_db()
    after = product.variants.get()
    assert (product.name, after.code, after.stock.left) == ("새 이름", before.code, 5)


def test_the_form_of_a_product_shows_what_it_has(client, seller):
    data = sent(option_1="색상", **{"variants-TOTAL_FORMS": "1"}) | row(0, value_1="검정", stock="3")
    client.post(reverse("catalog:create"), data)
    product = Product.objects.get(seller=seller)
    html = client.get(reverse("catalog:edit", args=[product.code])).content.decode()
    assert 'value="색상"' in html
    assert 'value="검정"' in html
    assert f'value="{product.variants.get().code}"' in html


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"price": "99"}, "price"),
        ({"price": "100000001"}, "price"),
        ({"return_days": "6"}, "return_days"),
        ({"stock": "-1"}, "stock"),
        ({"deal": "second_hand"}, "condition"),
        ({"deal": "direct"}, "place"),
        ({"description": "가" * 20_001}, "description"),
        ({"option_1": "색", "option_2": "색"}, "option_2"),
        ({"category": "0"}, "category"),
    ],
)
def test_what_cannot_be_sold_is_asked_about_and_not_written(client, seller, changes, field):
    response = client.post(reverse("catalog:create"), sent(**changes))
    assert response.status_code == 422
    assert field in errors(response)
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    "rows",
    [
        row(0, value_1="검정") | row(1, value_1=" 검정 "),
        row(0, value_1="") | row(1, value_1="하양"),
        row(0, value_1="검정 / M") | row(1, value_1="하양"),
        row(0, value_1="검정", extra_price="-12900") | row(1, value_1="하양"),
        row(0, value_1="검정", stock="100001") | row(1, value_1="하양"),
        row(0, value_1="가" * 31) | row(1, value_1="하양"),
    ],
)
def test_choices_that_make_no_sense_are_not_written(client, seller, rows):
    data = sent(option_1="색상", **{"variants-TOTAL_FORMS": "2"}) | rows
    response = client.post(reverse("catalog:create"), data)
    assert response.status_code == 422
    assert not Product.objects.exists()


def test_options_without_choices_are_asked_about(client, seller):
    response = client.post(reverse("catalog:create"), sent(option_1="색상"))
    assert "조합 만들기" in response.content.decode()
    assert not Product.objects.exists()


def test_combinations_come_beside_the_rows_there_are(client, seller):
    data = sent(option_1="색상", values_1="검정, 하양 ,검정", option_2="사이즈", values_2="M,L")
    data |= {"variants-TOTAL_FORMS": "1"} | row(
        0, value_1="검정", value_2="L", extra_price="500", active=None
    )
    response = client.post(reverse("catalog:combine"), data)
    rows = [(form["value_1"].value(), form["value_2"].value()) for form in response.context["variants"].forms]
    assert rows == [("검정", "L"), ("검정", "M"), ("하양", "M"), ("하양", "L")]
    html = response.content.decode()
    assert 'value="500"' in html
    assert html.count(" checked") == 3  # the row that was off stays off


def test_combinations_need_names_and_values(client, seller):
    response = client.post(reverse("catalog:combine"), sent(option_1="색상", values_1=""))
    assert "옵션마다 이름과 값을" in response.content.decode()


def test_a_hundred_choices_are_the_most(client, seller):
    values = ",".join(str(n) for n in range(30))
    data = sent(option_1="가", values_1=values, option_2="나", values_2=values)
    response = client.post(reverse("catalog:combine"), data)
    assert len(response.context["variants"].forms) == 100


def test_pictures_are_uploads_of_ones_own_in_order(client, seller):
    first, second = (make_asset(seller, purpose="product") for _ in range(2))
    client.post(reverse("catalog:create"), sent(pictures=[second.code, first.code]))
    product = Product.objects.get()
    assert [str(image) for image in product.images.all()] == [second.storage_key, first.storage_key]
    one, two = product.images.all()
    third = make_asset(seller, purpose="product")
    address = reverse("catalog:edit", args=[product.code])
    client.post(address, sent(pictures=[str(two.pk), third.code]))
    assert [str(image) for image in product.images.all()] == [first.storage_key, third.storage_key]
    assert first.storage_key in client.get(address).content.decode()


@pytest.mark.parametrize(
    "asset", [{"purpose": "video"}, {"purpose": "product", "status": "checking"}, {"purpose": "avatar"}]
)
def test_other_files_are_no_pictures_of_a_product(client, seller, asset):
    response = client.post(reverse("catalog:create"), sent(pictures=[make_asset(seller, **asset).code]))
    assert response.status_code == 422
    assert response.context["pictures"].error
    assert not Product.objects.exists()


def test_uploads_of_others_are_no_pictures_of_mine(client, seller):
    theirs = make_asset(make_member(), purpose="product")
    response = client.post(reverse("catalog:create"), sent(pictures=[theirs.code]))
    assert "찾을 수 없어요" in response.context["pictures"].error


def test_a_form_that_failed_keeps_its_pictures_and_ten_are_the_most(client, seller):
    codes = [make_asset(seller, purpose="product").code for _ in range(11)]
    response = client.post(reverse("catalog:create"), sent(name="", pictures=codes[:10]))
    assert response.content.decode().count("data-picture>") == 11  # and the one in the template
    response = client.post(reverse("catalog:create"), sent(pictures=codes))
    assert response.status_code == 422
    assert "10장" in response.context["pictures"].error


def test_another_sellers_shipping_fee_cannot_be_used(client, seller):
    theirs = ShippingRule.objects.create(seller=make_member(), name="택배", fee=3_000)
    response = client.post(reverse("catalog:create"), sent(shipping=str(theirs.pk)))
    assert "shipping" in errors(response)


@pytest.mark.parametrize(("to", "state"), [("pause", "paused"), ("resume", "on_sale"), ("end", "ended")])
def test_a_sale_pauses_goes_on_and_ends(client, seller, to, state):
    product = make_product(seller)
    client.post(reverse(f"catalog:{to}", args=[product.code]))
    product.refresh_from_db()
    assert product.state == state


def test_the_list_is_searched_narrowed_and_only_ones_own(client, seller):
    make_product(seller, name="캠핑 의자")
    make_product(seller, name="머그", state=Product.State.PAUSED)
    make_product(make_member(), name="남의 의자")
    address = reverse("catalog:studio")

    def names(**query):
        return [product.name for product in client.get(address, query).context["page"]]

    assert names() == ["머그", "캠핑 의자"]
    assert names(q="의자") == ["캠핑 의자"]
    assert names(state="paused") == ["머그"]
    assert names(state="nonsense") == ["머그", "캠핑 의자"]
    assert "맞는 상품이 없어요" in client.get(address, {"q": "없음"}).content.decode()


def test_the_list_takes_the_same_queries_for_many(client, seller, django_assert_max_num_queries):
    counts = []
    for _ in range(2):
        for _ in range(5):
            make_product(seller)
        with django_assert_max_num_queries(12) as queries:
            client.get(reverse("catalog:studio"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("kind", "quantity", "left"),
    [("received", 5, 15), ("returned", 1, 11), ("lost", 3, 7), ("counted", -2, 8), ("counted", 2, 12)],
)
def test_stock_is_moved_with_a_reason_that_is_kept(client, seller, kind, quantity, left):
    variant = make_product(seller, stock=10).variants.get()
    address = reverse("catalog:stock", args=[variant.code])
    client.post(address, {"kind": kind, "quantity": str(quantity), "reason": "상자째"})
    variant.stock.refresh_from_db()
    assert variant.stock.left == left
    moved = variant.movements.first()
    assert (moved.kind, moved.quantity, moved.reason, moved.by) == (kind, left - 10, "상자째", seller)
    assert "상자째" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("kind", "quantity"),
    [
        ("lost", 11),
        ("counted", -11),
        ("received", -1),
        ("received", 0),
        ("opening", 1),
        ("received", "많이"),
        ("received", 100_000),
    ],
)
def test_a_movement_that_cannot_be_is_refused_and_not_kept(client, seller, kind, quantity):
    variant = make_product(seller, stock=10).variants.get()
    response = client.post(
        reverse("catalog:stock", args=[variant.code]), {"kind": kind, "quantity": str(quantity)}
    )
    assert response.status_code == 422
    variant.stock.refresh_from_db()
    assert variant.stock.left == 10
    assert StockMovement.objects.count() == 1


def test_shipping_fees_are_made_changed_and_removed_while_unused(client, seller):
    address = reverse("catalog:shipping")
    client.post(address, {"name": "택배", "fee": "3000", "free_from": "", "remote_fee": "4000"})
    rule = ShippingRule.objects.get(seller=seller)
    assert client.post(address, {"name": "택배", "fee": "1", "remote_fee": "0"}).status_code == 422
    client.post(
        reverse("catalog:shipping_rule", args=[rule.pk]), {"name": "택배", "fee": "2500", "remote_fee": "0"}
    )
    rule.refresh_from_db()
    assert (rule.fee, rule.remote_fee) == (2_500, 0)
    product = make_product(seller, shipping=rule)
    client.post(reverse("catalog:shipping_remove", args=[rule.pk]))
    assert ShippingRule.objects.filter(pk=rule.pk).exists()
    Product.objects.filter(pk=product.pk).update(shipping=None)
    client.post(reverse("catalog:shipping_remove", args=[rule.pk]))
    assert not ShippingRule.objects.filter(pk=rule.pk).exists()


@pytest.mark.parametrize("name", ["edit", "pause", "resume", "end"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_sellers_product_is_not_found(client, seller, name, method):
    theirs = make_product(make_member())
    response = getattr(client, method)(reverse(f"catalog:{name}", args=[theirs.code]), sent())
    assert response.status_code in (404, 405)
    theirs.refresh_from_db()
    assert theirs.state == Product.State.ON_SALE


def test_another_sellers_stock_and_shipping_are_not_found(client, seller):
    other = make_member()
    variant = make_product(other).variants.get()
    rule = ShippingRule.objects.create(seller=other, name="택배", fee=3_000)
    for address in (
        reverse("catalog:stock", args=[variant.code]),
        reverse("catalog:shipping_rule", args=[rule.pk]),
        reverse("catalog:shipping_remove", args=[rule.pk]),
    ):
        assert client.post(address, {}).status_code == 404
