"""What a coupon takes off: its sums, and how they are divided. The parts always add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Product
from orders.deals.discounts import LEAST_TO_PAY, discount_of, discount_parts, platform_parts, says
from orders.models import Coupon, CouponClaim, OrderLine


def line(amount, *, seller=1, quantity=1):
    return OrderLine(product=Product(seller_id=seller), unit_price=amount, quantity=quantity)


@pytest.mark.parametrize(
    ("coupon", "amounts", "discount"),
    [
        (Coupon(amount=3_000), [10_000], 3_000),
        (Coupon(amount=3_000, minimum=10_000), [10_000], 3_000),
        (Coupon(amount=3_000, minimum=10_001), [10_000], 0),
        (Coupon(percent=10), [12_345], 1_235),
        (Coupon(percent=10, at_most=1_000), [12_345], 1_000),
        (Coupon(amount=3_000), [3_050], 2_950),  # something is left to be paid
        (Coupon(amount=3_000), [100], 0),
        (Coupon(amount=3_000), [], 0),
        (Coupon(amount=3_000), [6_000, 4_000], 3_000),
    ],
)
def test_the_discount(coupon, amounts, discount):
    assert discount_of(coupon, [line(amount) for amount in amounts]) == discount


def test_a_sellers_coupon_is_for_the_sellers_goods_alone():
    coupon = Coupon(seller_id=1, percent=50, minimum=10_000)
    lines = [line(10_000), line(50_000, seller=2)]
    assert discount_of(coupon, lines) == 5_000
    assert discount_parts(CouponClaim(coupon=coupon), lines) == [5_000, 0]
    assert discount_of(coupon, [line(9_999), line(50_000, seller=2)]) == 0
    assert discount_parts(CouponClaim(coupon=coupon), [line(50_000, seller=2)]) == [0]


coupons = st.one_of(
    st.builds(Coupon, amount=st.integers(1, 1_000_000), seller_id=st.sampled_from([None, 1, 2])),
    st.builds(
        Coupon,
        percent=st.integers(1, 90),
        at_most=st.none() | st.integers(1, 100_000),
        seller_id=st.sampled_from([None, 1, 2]),
        minimum=st.integers(0, 50_000),
    ),
)
lines = st.lists(
    st.builds(line, st.integers(1, 200_000), seller=st.integers(1, 3), quantity=st.integers(1, 99)),
    min_size=1,
    max_size=12,
)


@given(coupons, lines)
def test_the_parts_add_up_and_no_line_goes_below_nothing(coupon, lines):
    whole = discount_of(coupon, lines)
    parts = discount_parts(CouponClaim(coupon=coupon), lines)
    assert sum(parts) == whole
    assert all(0 <= part <= one.amount for part, one in zip(parts, lines, strict=True))
    if whole:
        assert sum(one.amount for one in lines) - whole >= LEAST_TO_PAY


@given(st.integers(0, 100), st.lists(st.integers(0, 10**7), min_size=1, max_size=8))
def test_the_platform_bears_its_share_and_never_more_than_an_orders_discount(platform_share, discounts):
    parts = platform_parts(Coupon(platform_share=platform_share), discounts)
    assert all(0 <= part <= whole for part, whole in zip(parts, discounts, strict=True))
    assert sum(parts) == (sum(discounts) * platform_share * 100 + 5_000) // 10_000


@pytest.mark.parametrize(
    ("coupon", "text"),
    [
        (Coupon(amount=3_000), "3,000원 할인"),
        (Coupon(percent=10), "10% 할인"),
        (Coupon(percent=10, at_most=5_000), "10% 할인 (최대 5,000원)"),
    ],
)
def test_the_discount_in_words(coupon, text):
    assert says(coupon) == text
