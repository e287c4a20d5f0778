"""What a seller should have seen to before going live; each point that is not yet right leads to where it is mended."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from broadcasts.models import Broadcast, Channel
from broadcasts.on_air import known_streams
from broadcasts.streaming.base import LiveStream
from catalog.models import Product
from common.errors import ProviderError


class State(StrEnum):
    GOOD = "good"
    BAD = "bad"
    WAITING = "waiting"
    """Nothing can be said before a picture arrives."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One point of the list. `fix_url` is where it is mended, "" when there is nothing to mend."""

    code: str
    state: State
    text: str
    fix_url: str = ""
    fix_text: str = ""


def checklist(broadcast: Broadcast) -> list[Check]:
    """Return the points in their order, for a broadcast read `for_cards`."""
    products = [item.product for item in broadcast.lineup.all()]
    channel = broadcast.channel
    return [
        _signal(channel),
        _sound(channel, _stream_of(channel)),
        _stock(products),
        _return_terms(products),
        _identity(channel.member),
    ]


def _signal(channel: Channel) -> Check:
    fix = {"fix_url": reverse("broadcasts:ingest_card"), "fix_text": _("송출 설정")}
    if channel.signal != Channel.Signal.RECEIVING:
        return Check(code="signal", state=State.BAD, text=_("들어오는 영상이 없어요"), **fix)
    bad = next((problem for problem in channel.problems if problem.level == "bad"), None)
    if bad:
        return Check(code="signal", state=State.BAD, text=bad.title, **fix)
    return Check(code="signal", state=State.GOOD, text=_("영상이 잘 들어오고 있어요"))


def _sound(channel: Channel, stream: LiveStream | None) -> Check:
    receiving = channel.signal == Channel.Signal.RECEIVING
    if not receiving or stream is None or stream.has_sound is None:
        text = (
            _("소리는 시작하기 전에 직접 들어 봐 주세요") if receiving else _("영상이 오면 소리도 확인해요")
        )
        return Check(code="sound", state=State.WAITING, text=text)
    if stream.has_sound:
        return Check(code="sound", state=State.GOOD, text=_("소리가 함께 들어오고 있어요"))
    return Check(
        code="sound",
        state=State.BAD,
        text=_("소리가 없어요. 마이크가 켜져 있는지 봐 주세요"),
        fix_url=reverse("broadcasts:ingest_card"),
        fix_text=_("송출 설정"),
    )


def _stock(products: Sequence[Product]) -> Check:
    on_sale = [product for product in products if product.state == Product.State.ON_SALE]
    if any(not product.sold_out for product in on_sale):
        return Check(code="stock", state=State.GOOD, text=_("살 수 있는 상품이 있어요"))
    return Check(
        code="stock",
        state=State.BAD,
        text=_("지금 살 수 있는 상품이 없어요"),
        fix_url=reverse("catalog:studio"),
        fix_text=_("재고 채우기"),
    )


def _return_terms(products: Sequence[Product]) -> Check:
    """Shops must say how goods come back (E-Commerce Act, art. 13 (2)); between persons the deal says it."""
    without = [
        product for product in products if product.deal == Product.Deal.RETAIL and not product.return_terms
    ]
    if not without:
        return Check(code="return_terms", state=State.GOOD, text=_("교환·반품 안내를 적었어요"))
    return Check(
        code="return_terms",
        state=State.BAD,
        text=_("교환·반품 안내가 없는 상품이 %(count)s개 있어요") % {"count": len(without)},
        fix_url=reverse("catalog:edit", args=[without[0].code]),
        fix_text=_("안내 적기"),
    )


def _identity(seller: User) -> Check:
    """What buyers must be told of a seller: name, address, telephone, e-mail (E-Commerce Act, art. 13 (1))."""
    if all([seller.name, seller.address, seller.phone, seller.email]):
        return Check(code="identity", state=State.GOOD, text=_("판매자 정보를 다 적었어요"))
    return Check(
        code="identity",
        state=State.BAD,
        text=_("판매자 이름·주소·연락처를 모두 적어 주세요"),
        fix_url=reverse("accounts:me"),
        fix_text=_("내 정보"),
    )


def _stream_of(channel: Channel) -> LiveStream | None:
    """What the channel sends now, as far as the provider tells."""
    try:
        return next((stream for stream in known_streams() if stream.ref == channel.provider_ref), None)
    except ProviderError:
        return None
