"""A catalogue of any size in the site's own database, written by a few statements. Django is set up before."""

from datetime import timedelta
from itertools import islice, product

from django.db import connection
from django.utils import timezone

KINDS = ("재킷", "머그", "헤드폰", "립스틱", "텐트", "주전자", "블록", "곰인형", "의자", "등산화")
LOOKS = (
    "포근한",
    "단단한",
    "고요한",
    "빨강",
    "파랑",
    "하얀",
    "작은",
    "커다란",
    "숲속",
    "바닷가",
    "겨울",
    "여름",
)
STUFFS = ("울", "원목", "법랑", "순면", "가죽", "유리", "도자기", "스틸", "리넨", "대나무")
RARE = "망원"
"""In one name of `RARE_EVERY`."""

RARE_EVERY = 1_000
DESCRIPTION = "가볍고 따뜻하고 오래 써요. " * 12


def fill(total: int) -> None:
    """Have `total` products on sale, each with a picture and 100 pieces; those that are there stay."""
    from accounts.models import User
    from catalog.models import Category, Product
    from catalog.search import index_text

    seller, _ = User.objects.get_or_create(
        username="catalogue", defaults={"nickname": "다정상회", "email": "catalogue@example.com"}
    )
    categories = list(Category.objects.order_by("pk"))
    names = [" ".join(words) for words in islice(product(LOOKS, STUFFS, KINDS), RARE_EVERY)]
    names[RARE_EVERY // 2] += f" {RARE}경"
    rows = []
    for number, name in enumerate(names):
        category = categories[number % len(categories)]
        one = Product(name=name, category=category, seller=seller)
        rows.append((number, name, category.pk, 1_000 + number % 97 * 500, index_text(one)))
    there = Product.objects.count()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE kinds (number int, name text, category bigint, price int, search_text text)"
        )
        cursor.executemany("INSERT INTO kinds VALUES (%s, %s, %s, %s, %s)", rows)
        cursor.execute("DROP INDEX IF EXISTS catalog_product_pieces")  # made anew below, in far less time
        begin = timezone.now() - timedelta(days=365)
        cursor.execute(_PRODUCTS, [seller.pk, DESCRIPTION, begin, there, total - 1])
        for statement in (_VARIANTS, _STOCK, _PICTURES, _SEARCH_INDEX, "DROP TABLE kinds", "ANALYZE"):
            cursor.execute(statement)


_PRODUCTS = """
INSERT INTO catalog_product
    (code, seller_id, category_id, name, description, price, option_names, search_text, created_at)
SELECT 'c' || n, %s, category, name || ' ' || n, %s::text, price, '[]', search_text,
    %s::timestamptz + n * interval '1 minute'
FROM generate_series(%s::int, %s::int) n JOIN kinds ON kinds.number = (n * 7) %% 1000
"""
_SEARCH_INDEX = """
CREATE INDEX catalog_product_pieces ON catalog_product USING gin (string_to_array(search_text, ' '))
"""
_VARIANTS = """
INSERT INTO catalog_variant (code, product_id, "values")
SELECT 'v' || p.id, p.id, '[]' FROM catalog_product p
WHERE NOT EXISTS (SELECT 1 FROM catalog_variant v WHERE v.product_id = p.id)
"""
_STOCK = """
INSERT INTO catalog_stock (variant_id, "left", version)
SELECT v.id, 100, 0 FROM catalog_variant v
WHERE NOT EXISTS (SELECT 1 FROM catalog_stock s WHERE s.variant_id = v.id)
"""
_PICTURES = """
INSERT INTO catalog_productimage (product_id, file, width, height, position)
SELECT p.id, 'images/' || p.code || '.webp', 800, 800, 0 FROM catalog_product p
WHERE NOT EXISTS (SELECT 1 FROM catalog_productimage i WHERE i.product_id = p.id)
"""
