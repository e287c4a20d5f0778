"""An allowance is used up, grows back, and saves up no more than it began with."""

from chat.room.allowance import Allowance


def test_it_is_used_up_and_grows_back():
    allowance = Allowance(40, 5, now=0)
    assert all(allowance.take(now=0) for _ in range(40))
    assert not allowance.take(now=0)
    assert all(allowance.take(now=2) for _ in range(2 * 5))
    assert not allowance.take(now=2)


def test_what_is_left_of_a_larger_wish_is_given():
    allowance = Allowance(40, 12, now=100.0)
    assert allowance.take(100.0, 45) == 40
    assert allowance.take(100.0, 5) == 0
    assert allowance.take(101.0, 99) == 12


def test_a_long_pause_saves_up_no_more_than_at_the_start():
    allowance = Allowance(40, 5, now=0)
    assert sum(allowance.take(now=10_000) for _ in range(120)) == 40
