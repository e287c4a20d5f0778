"""Parts of any division add up to the whole, for every whole and every way to divide it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import ShippingRule
from orders.sharing import basis_points, part_so_far, share
from orders.shipping import shipping_fee

WON = st.integers(min_value=0, max_value=10**12)
WEIGHTS = st.lists(st.integers(min_value=0, max_value=10**9), min_size=1, max_size=30)


@given(WON, WEIGHTS)
def test_parts_add_up_to_the_whole(whole, weights):
    parts = share(whole, weights)
    assert sum(parts) == whole
    assert len(parts) == len(weights)
    assert all(0 <= part <= whole for part in parts)


@given(WON, WEIGHTS)
def test_a_part_is_less_than_a_won_from_its_exact_share(whole, weights):
    total = sum(weights)
    for part, weight in zip(share(whole, weights), weights, strict=True):
        if total:
            assert abs(part * total - whole * weight) < total


@given(st.data(), WEIGHTS)
def test_no_part_is_more_than_its_weight_when_the_whole_is_not_more_than_their_sum(data, weights):
    """A coupon never makes a line cost less than nothing."""
    whole = data.draw(st.integers(min_value=0, max_value=sum(weights)))
    assert all(part <= weight for part, weight in zip(share(whole, weights), weights, strict=True))


@given(WON, WEIGHTS, st.integers(min_value=1, max_value=100))
def test_only_proportions_count(whole, weights, times):
    assert share(whole, weights) == share(whole, [weight * times for weight in weights])


def test_nothing_to_divide_among():
    with pytest.raises(ValueError):
        share(1, [])
    assert share(7, [0, 0]) == [7, 0]
    assert share(100, [1, 1, 1]) == [34, 33, 33]


@given(WON, st.lists(st.integers(min_value=1, max_value=50), min_size=1, max_size=20))
def test_steps_of_any_size_add_up_to_the_whole(whole, steps):
    of, done, given_back = sum(steps), 0, 0
    for step in steps:
        given_back += part_so_far(whole, done + step, of) - part_so_far(whole, done, of)
        done += step
        assert 0 <= given_back <= whole
    assert given_back == whole


@given(WON, st.integers(min_value=0, max_value=10_000))
def test_basis_points_are_rounded_half_up_and_leave_the_rest(amount, points):
    kept = basis_points(amount, points)
    assert 0 <= kept <= amount
    assert -5_000 <= amount * points - kept * 10_000 < 5_000
    assert basis_points(amount, 0) == 0
    assert basis_points(amount, 10_000) == amount


RULE = st.builds(
    ShippingRule,
    pk=st.integers(min_value=1, max_value=3),
    fee=st.integers(min_value=0, max_value=100_000),
    free_from=st.none() | st.integers(min_value=0, max_value=200_000),
    remote_fee=st.integers(min_value=0, max_value=100_000),
)
GOODS = st.lists(
    st.tuples(
        st.none() | st.integers(min_value=1, max_value=3), st.integers(min_value=100, max_value=150_000)
    ),
    max_size=8,
)


@given(st.lists(RULE, min_size=3, max_size=3), GOODS, st.sampled_from(["", "04524", "63100", "abcde"]))
def test_shipping_is_paid_once_a_rule(rules, goods, postcode):
    for number, rule in enumerate(rules, start=1):
        rule.pk = number
    amounts = [(rules[number - 1] if number else None, amount) for number, amount in goods]
    used = {number for number, _amount in goods if number}
    expected = 0
    for number in used:
        rule = rules[number - 1]
        amount = sum(won for which, won in goods if which == number)
        expected += 0 if rule.free_from is not None and amount >= rule.free_from else rule.fee
        expected += rule.remote_fee if postcode == "63100" else 0
    assert shipping_fee(amounts, postcode=postcode) == expected
    assert shipping_fee(reversed(amounts), postcode=postcode) == expected
