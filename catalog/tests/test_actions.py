import pytest

from catalog.actions import NewVariant, StoredImage, VariantState, change_product, create_product
from catalog.models import Category, Stock, StockMovement
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def shirt(seller):
    return create_product(
        seller,
        name="셔츠",
        price=20_000,
        category=Category.objects.get(slug="fashion"),
        option_names=["색상", "사이즈"],
        variants=[
            NewVariant(values=("검정", "M"), stock=3),
            NewVariant(values=("검정", "L"), stock=5, extra_price=1_000),
        ],
    )


def rows(product):
    return {
        variant.name: (variant.active, variant.extra_price, variant.stock.left)
        for variant in product.variants.select_related("stock")
    }


def code(product, name):
    return product.variants.get(name=name).code


def test_choices_are_kept_added_and_taken_off_the_offer_but_never_lost(seller, shirt):
    kept = code(shirt, "검정 / L")
    states = [
        VariantState(code=kept, values=("검정", "L"), extra_price=2_000),
        VariantState(values=("하양", "L"), incoming=7),
    ]
    change_product(shirt.pk, by=seller, variants=states)
    assert rows(shirt) == {
        "검정 / M": (False, 0, 3),
        "검정 / L": (True, 2_000, 5),
        "하양 / L": (True, 0, 7),
    }
    assert code(shirt, "검정 / L") == kept
    assert [variant.name for variant in shirt.offered] == ["검정 / L", "하양 / L"]


def test_two_choices_may_swap_their_names(seller, shirt):
    medium, large = code(shirt, "검정 / M"), code(shirt, "검정 / L")
    states = [VariantState(code=medium, values=("검정", "L")), VariantState(code=large, values=("검정", "M"))]
    change_product(shirt.pk, by=seller, variants=states)
    assert code(shirt, "검정 / L") == medium
    assert rows(shirt)["검정 / M"] == (True, 0, 5)


def test_a_new_choice_may_take_the_name_that_another_gives_up(seller, shirt):
    medium = code(shirt, "검정 / M")
    states = [VariantState(code=medium, values=("감색", "M")), VariantState(values=("검정", "M"), incoming=1)]
    change_product(shirt.pk, by=seller, variants=states)
    assert code(shirt, "감색 / M") == medium
    assert rows(shirt)["검정 / M"] == (True, 0, 1)


def test_a_choice_that_comes_back_keeps_what_it_had(seller, shirt):
    change_product(shirt.pk, by=seller, variants=[VariantState(values=("검정", "L"))])
    assert rows(shirt)["검정 / M"] == (False, 0, 3)
    states = [VariantState(values=("검정", "L")), VariantState(values=("검정", "M"), incoming=4)]
    change_product(shirt.pk, by=seller, variants=states)
    assert rows(shirt)["검정 / M"] == (True, 0, 7)
    moved = StockMovement.objects.filter(variant__name="검정 / M").values_list("kind", "quantity")
    assert sorted(moved) == [("opening", 3), ("received", 4)]


def test_an_edit_never_sets_the_stock_of_what_is_offered(seller, shirt):
    large = code(shirt, "검정 / L")
    change_product(
        shirt.pk, by=seller, variants=[VariantState(code=large, values=("검정", "L"), incoming=99)]
    )
    assert rows(shirt)["검정 / L"][2] == 5


def test_options_may_come_and_go(seller):
    mug = make_product(seller, stock=4)
    change_product(
        mug.pk, by=seller, option_names=["색상"], variants=[VariantState(values=("하양",), incoming=2)]
    )
    assert rows(mug) == {"": (False, 0, 4), "하양": (True, 0, 2)}
    change_product(mug.pk, by=seller, option_names=[], variants=[VariantState()])
    assert rows(mug) == {"": (True, 0, 4), "하양": (False, 0, 2)}
    left = sum(Stock.objects.filter(variant__product=mug).values_list("left", flat=True))
    assert left == sum(StockMovement.objects.filter(variant__product=mug).values_list("quantity", flat=True))


def test_pictures_are_put_in_order_added_and_taken_away(seller):
    first, second = (StoredImage(name=f"images/{n}.webp", width=8, height=8) for n in "12")
    product = create_product(
        seller, name="컵", price=1_000, category=Category.objects.first(), images=[first, second]
    )
    one, two = product.images.all()
    third = StoredImage(name="images/3.webp", width=8, height=8)
    change_product(product.pk, by=seller, pictures=[third, two.pk])
    assert [str(image) for image in product.images.all()] == ["images/3.webp", "images/2.webp"]
    change_product(product.pk, by=seller, pictures=[two.pk, one.pk])  # one is gone: nothing comes back
    assert [str(image) for image in product.images.all()] == ["images/2.webp"]


def test_a_picture_of_another_product_stays_where_it_is(seller):
    picture = StoredImage(name="images/1.webp", width=8, height=8)
    other = create_product(
        seller, name="컵", price=1_000, category=Category.objects.first(), images=[picture]
    )
    product = make_product(seller)
    change_product(product.pk, by=seller, pictures=[other.images.get().pk])
    assert not product.images.exists()
    assert other.images.count() == 1
