"""Which payment methods there are, how they are shown, and what the checks say of them."""

from orders.payments.checks import check_payments, check_sandbox
from orders.payments.labels import LABELS, offered


def ids(found):
    return [message.id for message in found]


def test_buyers_see_what_is_offered_in_its_order(settings):
    settings.PAYMENT_METHODS = ["toss", "sandbox"]
    assert [label.method for label in offered()] == ["toss", "sandbox"]
    assert all(label.name and label.note and label.icon for label in LABELS.values())


def test_only_pages_of_ours_are_framed():
    assert [label.method for label in LABELS.values() if label.framed] == ["sandbox"]


def test_the_checks_have_nothing_to_say_of_what_is_set_up(fake_stripe, fake_toss):
    assert check_payments(None) == []


def test_half_a_set_up_is_an_error(fake_stripe, settings):
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert ids(check_payments(None)) == ["orders.E001"]


def test_nothing_to_pay_with_is_a_warning(settings):
    settings.PAYMENTS, settings.PAYMENT_METHODS = {}, []
    assert ids(check_payments(None)) == ["orders.W001"]


def test_the_practice_provider_in_production_is_a_warning(settings):
    assert settings.PAYMENT_METHODS == ["sandbox"]
    settings.DEBUG = True
    assert check_sandbox(None) == []
    settings.DEBUG = False
    assert ids(check_sandbox(None)) == ["orders.W002"]
    settings.PAYMENTS = {}
    assert check_sandbox(None) == []
