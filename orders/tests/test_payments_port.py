"""What every payment provider must do, run against every adapter."""

from datetime import timedelta

import pytest
from django.utils import timezone

from common.errors import ProviderError, ProviderRefused
from orders.models import SandboxPayment, SandboxRefund
from orders.payments import payments
from orders.payments.base import BadSignature, Charge, State
from orders.payments.sandbox import SIGNATURE, press, sign

pytestmark = pytest.mark.django_db
WON = 12_900


class SandboxHands:
    """How a buyer acts on a provider's page; each returns what the address back to the shop says."""

    method = "sandbox"

    def pay(self, charge):
        return self.press(charge, "succeed")

    def fail(self, charge):
        return self.press(charge, "fail")

    def let_time_pass(self, charge):
        past = timezone.now() - timedelta(seconds=1)
        SandboxPayment.objects.filter(ref=charge.ref).update(expires_at=past)

    def refunds(self):
        return sorted(SandboxRefund.objects.values_list("amount", flat=True))

    def notice(self, charge):
        body = f'{{"id": "1", "type": "payment.changed", "ref": "{charge.ref}"}}'.encode()
        return {SIGNATURE: sign(body)}, body

    def press(self, charge, choice):
        press(SandboxPayment.objects.get(ref=charge.ref), choice)
        return {}


class StripeHands:
    method = "stripe"

    def __init__(self, fake):
        self.fake = fake

    def pay(self, charge):
        self.fake.pay(self.fake.named(charge.ref))
        return {}

    def fail(self, charge):
        self.fake.decline(self.fake.named(charge.ref))
        return {}

    def let_time_pass(self, charge):
        self.fake.let_time_pass(self.fake.named(charge.ref))

    def refunds(self):
        return sorted(one["amount"] for one in self.fake.refunds)

    def notice(self, charge):
        body, signature = self.fake.notice(charge.ref)
        return {"stripe-signature": signature}, body


class TossHands:
    method = "toss"

    def __init__(self, fake):
        self.fake = fake

    def pay(self, charge):
        return self.fake.prove(charge.ref)

    def fail(self, charge):
        self.fake.decline_next = True
        return self.fake.prove(charge.ref)

    def let_time_pass(self, charge):
        self.fake.let_time_pass(charge.ref)

    def refunds(self):
        return sorted(back["cancelAmount"] for one in self.fake.payments.values() for back in one["cancels"])

    def notice(self, charge):
        return {}, self.fake.notice(charge.ref)


@pytest.fixture(params=["sandbox", "stripe", "toss"])
def hands(request):
    if request.param == "stripe":
        return StripeHands(request.getfixturevalue("fake_stripe"))
    if request.param == "toss":
        return TossHands(request.getfixturevalue("fake_toss"))
    return SandboxHands()


@pytest.fixture
def provider(hands):
    return payments(hands.method)


@pytest.fixture
def charge():
    return Charge(
        ref="abcdefghjkmn",
        amount=WON,
        order_name="울 자켓",
        return_url="http://testserver/back/",
        started_at=timezone.now(),
        expires_at=timezone.now() + timedelta(minutes=10),
        email="buyer@example.com",
    )


def paid(provider, hands, charge):
    """Start and pay; return the provider's name of the payment."""
    started = provider.start(charge)
    outcome = provider.confirm(charge.ref, started.provider_ref, charge.amount, hands.pay(charge))
    assert (outcome.state, outcome.amount, outcome.currency) == (State.SUCCEEDED, WON, "KRW")
    return outcome.provider_ref


def test_an_unknown_payment_is_said_to_be_unknown(provider):
    assert provider.look_up("nosuchref", "").state == State.UNKNOWN


def test_starting_twice_is_one_payment(provider, charge):
    started = provider.start(charge)
    assert started.address
    assert provider.start(charge) == started
    assert provider.look_up(charge.ref, started.provider_ref).state == State.WAITING


def test_a_payment_is_taken_once_however_often_it_is_confirmed(provider, hands, charge):
    started = provider.start(charge)
    returned = hands.pay(charge)
    outcomes = {provider.confirm(charge.ref, started.provider_ref, WON, returned) for _ in range(3)}
    assert len(outcomes) == 1
    assert provider.look_up(charge.ref, outcomes.pop().provider_ref).state == State.SUCCEEDED


def test_a_declined_payment_failed(provider, hands, charge):
    started = provider.start(charge)
    outcome = provider.confirm(charge.ref, started.provider_ref, WON, hands.fail(charge))
    assert outcome.state == State.FAILED
    assert provider.look_up(charge.ref, started.provider_ref).state == State.FAILED


def test_coming_back_without_having_paid_takes_nothing(provider, charge):
    started = provider.start(charge)
    assert provider.confirm(charge.ref, started.provider_ref, WON, {}).state == State.WAITING


def test_no_money_is_taken_after_the_time(provider, hands, charge):
    started = provider.start(charge)
    hands.let_time_pass(charge)
    returned = hands.pay(charge)
    assert provider.confirm(charge.ref, started.provider_ref, WON, returned).state == State.CANCELLED


def test_a_cancelled_payment_cannot_be_made(provider, hands, charge):
    started = provider.start(charge)
    for _ in range(2):
        provider.cancel(charge.ref, started.provider_ref)
    hands.pay(charge)
    assert provider.look_up(charge.ref, started.provider_ref).state != State.SUCCEEDED


def test_cancelling_leaves_a_made_payment_alone(provider, hands, charge):
    provider_ref = paid(provider, hands, charge)
    provider.cancel(charge.ref, provider_ref)
    assert provider.look_up(charge.ref, provider_ref).state == State.SUCCEEDED


def test_cancelling_what_never_started_is_nothing(provider):
    provider.cancel("nosuchref", "")


def test_the_same_refund_asked_for_again_is_one(provider, hands, charge):
    provider_ref = paid(provider, hands, charge)
    for _ in range(3):
        provider.refund(charge.ref, provider_ref, 900, key="aaaaaaaaaaaa", reason="단순 변심")
    assert hands.refunds() == [900]


def test_parts_are_refunded_until_nothing_is_left(provider, hands, charge):
    provider_ref = paid(provider, hands, charge)
    for key, won in (("a" * 12, 900), ("b" * 12, 2_000), ("c" * 12, 10_000)):
        provider.refund(charge.ref, provider_ref, won, key=key, reason="단순 변심")
    with pytest.raises(ProviderRefused):
        provider.refund(charge.ref, provider_ref, 1, key="d" * 12, reason="단순 변심")
    provider.refund(charge.ref, provider_ref, 2_000, key="b" * 12, reason="단순 변심")
    assert hands.refunds() == [900, 2_000, 10_000]


def test_what_was_not_paid_is_not_refunded(provider, charge):
    with pytest.raises(ProviderRefused):
        provider.refund("nosuchref", "", WON, key="a" * 12, reason="")
    started = provider.start(charge)
    with pytest.raises(ProviderRefused):
        provider.refund(charge.ref, started.provider_ref, WON, key="a" * 12, reason="")


def test_a_notice_names_the_payment_and_is_the_same_when_it_comes_again(provider, hands, charge):
    provider.start(charge)
    headers, body = hands.notice(charge)
    notice = provider.read_notice(headers, body)
    assert notice.ref == charge.ref
    assert notice.event_id == provider.read_notice(headers, body).event_id
    assert "secret" not in str(notice.body)


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"\xff", b'{"id": 1}'])
def test_a_notice_that_makes_no_sense_is_refused(provider, body):
    with pytest.raises((BadSignature, ValueError)):
        provider.read_notice({}, body)


def test_an_adapter_shows_no_key(provider):
    assert "sk_" not in repr(provider) + str(vars(provider))


def unanswered(hands, call, way):
    """Leave one call of ours without an answer; Stripe's library tries each a second time by itself."""
    getattr(hands.fake, way)(call, times=2 if hands.method == "stripe" else 1)


class TestOutside:
    """What only happens with a provider at the end of a line."""

    @pytest.fixture(params=["stripe", "toss"])
    def hands(self, request):
        fake = request.getfixturevalue(f"fake_{request.param}")
        return {"stripe": StripeHands, "toss": TossHands}[request.param](fake)

    @pytest.mark.parametrize("way", ["cut", "lose"])
    def test_a_start_without_an_answer_is_repeated_into_the_same_payment(self, provider, hands, charge, way):
        unanswered(hands, "POST .*", way)
        with pytest.raises(ProviderError):
            provider.start(charge)
        assert provider.start(charge) == provider.start(charge)
        assert len(hands.fake.sessions if hands.method == "stripe" else hands.fake.payments) == 1

    def test_a_refund_without_an_answer_is_repeated_into_the_same_refund(self, provider, hands, charge):
        provider_ref = paid(provider, hands, charge)
        unanswered(hands, "POST .*(refunds|cancel)", "cut")
        with pytest.raises(ProviderError) as silence:
            provider.refund(charge.ref, provider_ref, 900, key="a" * 12, reason="단순 변심")
        assert not isinstance(silence.value, ProviderRefused)
        provider.refund(charge.ref, provider_ref, 900, key="a" * 12, reason="단순 변심")
        assert hands.refunds() == [900]

    def test_a_refund_is_known_again_when_the_provider_forgot_its_key(self, provider, hands, charge):
        provider_ref = paid(provider, hands, charge)
        for _ in range(2):
            provider.refund(charge.ref, provider_ref, 900, key="a" * 12, reason="단순 변심")
            hands.fake.forget_keys()
        assert hands.refunds() == [900]

    def test_silence_ends_and_is_no_outcome(self, hands, charge, monkeypatch):
        monkeypatch.setattr(f"orders.payments.{hands.method}.CALL_SECONDS", 0.2)
        provider = payments(hands.method)
        unanswered(hands, ".*", "hang")
        with pytest.raises(ProviderError) as silence:
            provider.look_up(charge.ref, "cs_test_1")
        assert not isinstance(silence.value, ProviderRefused)

    def test_a_wrong_key_is_no_refusal_and_is_not_repeated_in_the_error(self, hands, charge, settings):
        settings.STRIPE_SECRET_KEY = settings.TOSS_SECRET_KEY = "sk_wrong_and_secret"
        with pytest.raises(ProviderError) as error:
            payments(hands.method).start(charge)
        assert not isinstance(error.value, ProviderRefused)
        assert "sk_wrong" not in str(error.value)
