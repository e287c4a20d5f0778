import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from catalog.actions import NewVariant, create_product
from catalog.models import Category, Product, ShippingRule, Stock, StockMovement
from catalog.studio.csv_format import MAX_ROWS, UnreadableFile, rows_in
from catalog.studio.csv_plan import plan_import
from common.csv_files import EXCEL_MARK
from tests.makers import make_member, make_product

pytestmark = pytest.mark.django_db
HEAD = "상품번호,상품이름,카테고리,판매가,옵션이름,옵션,추가금액,옵션판매,재고\n"


@pytest.fixture
def seller(client):
    member = make_member()
    client.force_login(member)
    return member


def look(client, content, **more):
    file = SimpleUploadedFile("products.csv", content)
    return client.post(reverse("catalog:csv"), {"file": file, **more})


def bring_in(client, content):
    """Look at a file, then say yes."""
    response = look(client, content)
    assert response.context["plan"].bad == []
    return client.post(reverse("catalog:csv"), {"kept": response.context["kept"]})


def exported(client):
    response = client.get(reverse("catalog:csv_export"))
    return b"".join(response.streaming_content).decode()


def table(text):
    return list(csv.DictReader(io.StringIO(text.removeprefix(EXCEL_MARK))))


def make_shirt(seller, **fields):
    values = {"name": "셔츠", "price": 20_000, "category": Category.objects.get(slug="fashion")} | fields
    return create_product(
        seller,
        option_names=["색상", "사이즈"],
        variants=[
            NewVariant(values=("검정", "M"), stock=3),
            NewVariant(values=("검정", "L"), stock=5, extra_price=1_000, active=False),
        ],
        **values,
    )


def test_a_file_holds_a_row_for_each_choice_and_opens_in_excel(client, seller):
    rule = ShippingRule.objects.create(seller=seller, name="택배", fee=3_000)
    shirt = make_shirt(seller, shipping=rule, description='그는 "좋다"고 했다,\n정말')
    make_product(make_member(), name="남의 것")
    text = exported(client)
    assert text.startswith(EXCEL_MARK)
    first, second = table(text)
    assert (first["상품번호"], first["옵션"], first["추가금액"], first["옵션판매"], first["재고"]) == (
        shirt.code,
        "검정 / M",
        "0",
        "Y",
        "3",
    )
    assert (second["옵션"], second["옵션판매"], second["배송비"]) == ("검정 / L", "N", "택배")
    assert second["설명"] == '그는 "좋다"고 했다,\n정말'


@pytest.mark.parametrize("name", ["=1+1", "+82", "-컵", "@SUM(A1)", '=HYPERLINK("http://x")'])
def test_no_cell_is_a_formula_and_comes_back_as_it_was(client, seller, name):
    product = make_product(seller, name=name)
    text = exported(client)
    cell = table(text)[0]["상품이름"]
    assert cell == f"'{name}"
    assert look(client, text.encode()).context["plan"].changed == []
    product.refresh_from_db()
    assert product.name == name


def test_numbers_stay_numbers(client, seller):
    shirt = make_shirt(seller)
    shirt.variants.update(extra_price=-500)
    assert {row["추가금액"] for row in table(exported(client))} == {"-500"}


def test_what_was_taken_out_changes_nothing_when_it_comes_back(client, seller):
    make_shirt(seller, description="<b>굵게</b>")
    make_product(seller, name="가운데  공백", deal="second_hand", condition="good", place="마포구")
    plan = look(client, exported(client).encode()).context["plan"]
    assert (plan.new, plan.changed, plan.bad) == ([], [], [])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_new_products_come_in_whatever_program_wrote_the_file(client, seller, encoding):
    text = (
        HEAD
        + ',"머그, 하양",리빙,"12,900",,,,,5\n'
        + ",셔츠,fashion,20000원,색상,검정,0,Y,3\n,셔츠,fashion,20000원,색상,하양,1000,N,4\n"
    )
    response = bring_in(client, text.encode(encoding))
    assert response.headers["Location"] == reverse("catalog:studio")
    mug, shirt = Product.objects.order_by("pk")
    assert (mug.name, mug.price, mug.left, mug.seller) == ("머그, 하양", 12_900, 5, seller)
    facts = [(v.name, v.extra_price, v.active, v.stock.left) for v in shirt.variants.all()]
    assert facts == [("검정", 0, True, 3), ("하양", 1_000, False, 4)]


def test_a_look_writes_nothing(client, seller):
    response = look(client, (HEAD + ",머그,리빙,12900,,,,,5\n").encode())
    assert len(response.context["plan"].new) == 1
    assert not Product.objects.exists()


def test_known_products_change_where_the_file_says_so(client, seller):
    shirt = make_shirt(seller)
    text = (
        "상품번호,상품이름,카테고리,판매가,옵션,추가금액,옵션판매,재고\n"
        f"{shirt.code},좋은 셔츠,패션,21000,검정 / L,2000,Y,5\n"
        f"{shirt.code},좋은 셔츠,패션,21000,하양 / L,0,Y,9\n"
    )
    plan = look(client, text.encode()).context["plan"]
    assert plan.changed[0].changes == ["상품이름", "판매가", "검정 / L", "하양 / L"]
    bring_in(client, text.encode())
    shirt.refresh_from_db()
    assert (shirt.name, shirt.price, shirt.description) == ("좋은 셔츠", 21_000, "")
    facts = [(v.name, v.extra_price, v.active, v.stock.left) for v in shirt.variants.all()]
    assert facts == [("검정 / M", 0, True, 3), ("검정 / L", 2_000, True, 5), ("하양 / L", 0, True, 9)]


def test_a_file_never_sets_the_stock_of_what_is_on_the_shelf(client, seller):
    product = make_product(seller, name="머그", stock=5)
    text = f"상품번호,상품이름,카테고리,판매가,재고\n{product.code},머그 새 이름,{product.category.name},12900,999\n"
    response = look(client, text.encode())
    assert response.context["plan"].stock_kept == 1
    assert "재고가 지금과 달라요" in response.content.decode()
    bring_in(client, text.encode())
    assert Stock.objects.get(variant__product=product).left == 5
    assert StockMovement.objects.count() == 1


BAD_ROWS = {
    ",,리빙,12900,,,,,5": ("상품이름", "비어 있어요"),
    ",머그,없는곳,12900,,,,,5": ("카테고리", "없는 카테고리"),
    ",머그,리빙,만원,,,,,5": ("판매가", "숫자만"),
    ",머그,리빙,99,,,,,5": ("판매가", "100부터"),
    ",머그,리빙,,,,,,5": ("판매가", "숫자만"),
    ",머그,리빙,²,,,,,5": ("판매가", "숫자만"),
    ",머그,리빙,12900,,,,,-1": ("재고", "0부터"),
    ",머그,리빙,12900,,,,,100001": ("재고", "100,000"),
    ",머그,리빙,12900,,검정,,,5": ("옵션", "0개예요"),
    ",머그,리빙,12900,색상,,,,5": ("옵션", "1개예요"),
    ",머그,리빙,12900,색상 / 색상,검정 / M,,,5": ("옵션이름", "서로 다른"),
    ",머그,리빙,12900,색상,검정,,글쎄,5": ("옵션판매", "Y 또는 N"),
    ",머그,리빙,12900,색상,검정,-12900,Y,5": ("추가금액", "100원부터"),
    "nosuchcode,머그,리빙,12900,,,,,5": ("상품번호", "비워 주세요"),
}


@pytest.mark.parametrize("line", BAD_ROWS)
def test_a_bad_cell_is_named_with_its_row_its_column_and_the_cure(client, seller, line):
    column, cure = BAD_ROWS[line]
    response = look(client, f"{HEAD},좋은 줄,리빙,12900,,,,,5\n{line}\n".encode())
    bad = response.context["plan"].bad
    assert (bad[0].row, bad[0].column) == (3, column)
    assert cure in bad[0].cure
    assert bad[0].cure in response.content.decode()
    client.post(reverse("catalog:csv"), {"kept": response.context["kept"]})
    assert not Product.objects.exists()


def test_rows_that_say_the_same_twice_are_named(client, seller):
    mug = ",머그,리빙,12900,,,,,5\n"
    (bad,) = look(client, (HEAD + mug + mug).encode()).context["plan"].bad
    assert (bad.row, bad.column, bad.cure) == (3, "옵션", "2번째 줄과 같은 옵션이에요. 한 줄을 지워 주세요.")


def test_rows_of_one_product_that_disagree_are_named(client, seller):
    text = HEAD + ",셔츠,패션,20000,색상,검정,,,1\n,셔츠,패션,21000,색상,하양,,,1\n"
    (bad,) = look(client, text.encode()).context["plan"].bad
    assert (bad.row, bad.column) == (3, "판매가")
    assert "2번째 줄과 값이 달라요" in bad.cure


def test_another_sellers_product_cannot_be_named(client, seller):
    theirs = make_product(make_member(), name="남의 것")
    text = f"상품번호,상품이름,카테고리,판매가\n{theirs.code},내 것,리빙,12900\n"
    assert look(client, text.encode()).context["plan"].bad[0].column == "상품번호"


@pytest.mark.parametrize(
    ("content", "cure"),
    [
        (b"", "열이 없어요"),
        ("상품이름,카테고리\n머그,리빙\n".encode(), "판매가 열이 없어요"),
        ("상품이름,상품이름,카테고리,판매가\na,b,c,1\n".encode(), "같은 이름의 열"),
        ("상품이름,카테고리,판매가\n".encode(), "한 줄도 없어요"),
        ('상품이름,카테고리,판매가\n"머그,리빙,1\n'.encode(), "따옴표"),
        (b"\xff\xfe\x00\xd8\x00", "글자를 읽을 수 없어요"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "글자를 읽을 수 없어요"),
        (b"a" * (2 * 1024 * 1024 + 1), "2MB까지"),
        (("상품이름,카테고리,판매가\n" + "머그,리빙,12900\n" * (MAX_ROWS + 1)).encode(), "2,000줄까지"),
    ],
    ids=[
        "empty",
        "no column",
        "doubled column",
        "no rows",
        "open quote",
        "broken utf-16",
        "picture",
        "large",
        "long",
    ],
)
def test_what_is_no_such_table_is_refused_with_the_cure(client, seller, content, cure):
    with pytest.raises(UnreadableFile) as refusal:
        rows_in(content)
    assert cure in refusal.value.message
    response = look(client, content)
    assert response.status_code == 422
    assert cure in response.content.decode()


def test_no_file_is_asked_for(client, seller):
    assert "골라 주세요" in client.post(reverse("catalog:csv"), {}).content.decode()


def test_what_somebody_else_looked_at_cannot_be_applied(client, seller):
    kept = look(client, (HEAD + ",머그,리빙,12900,,,,,5\n").encode()).context["kept"]
    client.force_login(make_member())
    response = client.post(reverse("catalog:csv"), {"kept": kept})
    assert "다시 골라 주세요" in response.content.decode()
    assert not Product.objects.exists()


def test_applying_looks_again(client, seller):
    product = make_product(seller, name="머그")
    text = f"상품번호,상품이름,카테고리,판매가\n{product.code},새 머그,{product.category.name},12900\n"
    kept = look(client, text.encode()).context["kept"]
    Product.objects.filter(pk=product.pk).update(seller=make_member())
    response = client.post(reverse("catalog:csv"), {"kept": kept})
    assert response.context["plan"].bad[0].column == "상품번호"
    product.refresh_from_db()
    assert product.name == "머그"


def test_a_large_file_is_planned_in_few_queries(seller, django_assert_max_num_queries):
    lines = "".join(f"머그 {number},리빙,12900\n" for number in range(MAX_ROWS))
    rows = rows_in(f"상품이름,카테고리,판매가\n{lines}".encode())
    with django_assert_max_num_queries(4):
        assert len(plan_import(rows, seller).new) == MAX_ROWS
