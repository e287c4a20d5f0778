"""Pieces at a flash deal's price: one conditional UPDATE per deal and member, as with stock."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import DomainError
from orders.deals.events import tell_left_on_commit
from orders.models import DealAllowance, FlashDeal, OrderLine


class DealOver(DomainError):
    """Nothing, or not so many, can be had at the deal's price any more."""

    code = "deal_over"


class DealForMembers(DomainError):
    """The deal counts pieces a member, and a guest is nobody to count for."""

    code = "deal_for_members"


def take_deals(lines: Iterable[OrderLine], member_id: int | None) -> None:
    """Take the lines' pieces from the counts of their deals: all or, by an error, nothing.

    Raises DealOver, DealForMembers. The lines come with `flash_deal`; call it just before the stock is taken.
    """
    assert connection.in_atomic_block, "deals are taken inside the transaction that writes the order"  # noqa: S101
    counts = _counts(lines)
    for deal, count in counts:
        if deal.left is not None and not take_if_left(deal.pk, count):
            raise DealOver(_too_few(deal.pk))
        if deal.per_member is not None:
            if member_id is None:
                raise DealForMembers(_("1인당 수량이 정해진 특가예요. 로그인하면 살 수 있어요."))
            _take_allowance(deal, member_id, count)
    tell_left_on_commit([deal.pk for deal, _count in counts if deal.left is not None])


def take_if_left(deal_id: int, count: int) -> bool:
    """Take `count` if so many are left at the deal's price, and say whether they were."""
    left = FlashDeal.objects.filter(pk=deal_id, left__gte=count)
    return bool(left.update(left=F("left") - count, version=F("version") + 1))


def give_back_deals(lines: Iterable[OrderLine]) -> None:
    """Return the pieces of lines that came to nothing. Select `order` with them: this reads its buyer.

    Each deal's row comes before its allowance, as in taking: the same member's other tab would deadlock otherwise.
    """
    back: dict[int, Counter[int | None]] = defaultdict(Counter)
    for line in lines:
        if line.flash_deal_id:
            back[line.flash_deal_id][line.order.buyer_id] += line.quantity
    limited = []
    for deal_id in sorted(back):
        count = back[deal_id].total()
        deal = FlashDeal.objects.filter(pk=deal_id, left__isnull=False)
        if deal.update(left=F("left") + count, version=F("version") + 1):
            limited.append(deal_id)
        for member_id, taken in back[deal_id].items():
            own = DealAllowance.objects.filter(deal=deal_id, member=member_id)
            own.update(taken=F("taken") - taken)
    tell_left_on_commit(limited)


def give_back_running_deals(lines: Iterable[OrderLine], now: datetime) -> None:
    """Return the pieces of a paid order that was cancelled whole to those of its deals that still run.

    One that was ended makes no more promises: pieces that came back to it would only spoil its count. The rows are
    locked, so a deal is not ended in between. `order` as for `give_back_deals`.
    """
    lines = [line for line in lines if line.flash_deal_id]
    deals = FlashDeal.objects.select_for_update().filter(
        pk__in={line.flash_deal_id for line in lines}, stopped_at=None, ends_at__gt=now
    )
    running = set(deals.order_by("pk").values_list("pk", flat=True))
    give_back_deals(line for line in lines if line.flash_deal_id in running)


def _too_few(deal_id: int) -> str:
    left = FlashDeal.objects.values_list("left", flat=True).get(pk=deal_id)
    if left:
        return _("특가 수량이 %(left)d개 남았어요. 수량을 줄여 주세요.") % {"left": left}
    return _("특가 수량이 모두 나갔어요. 가격을 다시 확인해 주세요.")


def _counts(lines: Iterable[OrderLine]) -> list[tuple[FlashDeal, int]]:
    deals: dict[int, FlashDeal] = {}
    counts: Counter[int] = Counter()
    for line in lines:
        if line.flash_deal is not None:
            deals[line.flash_deal.pk] = line.flash_deal
            counts[line.flash_deal.pk] += line.quantity
    return [(deals[pk], counts[pk]) for pk in sorted(deals)]


def _take_allowance(deal: FlashDeal, member_id: int, count: int) -> None:
    most = deal.per_member or 0
    own = DealAllowance.objects.filter(deal=deal, member=member_id)
    if own.filter(taken__lte=most - count).update(taken=F("taken") + count):
        return
    if count <= most and not own.exists():
        try:
            with transaction.atomic():
                DealAllowance.objects.create(deal=deal, member_id=member_id, taken=count)
        except IntegrityError:  # the same member's other tab was faster
            if own.filter(taken__lte=most - count).update(taken=F("taken") + count):
                return
        else:
            return
    raise DealOver(_("이 특가는 한 사람이 %(most)d개까지 살 수 있어요.") % {"most": most})
