"""Pieces at a flash deal's price: one conditional UPDATE per deal and member, as with stock."""

from collections import Counter
from collections.abc import Iterable

from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from common.errors import DomainError
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
    for deal, count in _counts(lines):
        if deal.left is not None and not take_if_left(deal.pk, count):
            raise DealOver(_("특가 수량이 모두 나갔어요. 가격을 다시 확인해 주세요."))
        if deal.per_member is not None:
            if member_id is None:
                raise DealForMembers(_("1인당 수량이 정해진 특가예요. 로그인하면 살 수 있어요."))
            _take_allowance(deal, member_id, count)


def take_if_left(deal_id: int, count: int) -> bool:
    """Take `count` if so many are left at the deal's price, and say whether they were."""
    left = FlashDeal.objects.filter(pk=deal_id, left__gte=count)
    return bool(left.update(left=F("left") - count))


def give_back_deals(lines: Iterable[OrderLine]) -> None:
    """Return the pieces of lines that came to nothing. Select `order` with them: this reads its buyer."""
    lines = [line for line in lines if line.flash_deal_id]
    back: Counter[int] = Counter()
    for line in lines:
        back[line.flash_deal_id] += line.quantity
        DealAllowance.objects.filter(deal=line.flash_deal_id, member=line.order.buyer_id).update(
            taken=F("taken") - line.quantity
        )
    for deal_id in sorted(back):
        FlashDeal.objects.filter(pk=deal_id, left__isnull=False).update(left=F("left") + back[deal_id])


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
