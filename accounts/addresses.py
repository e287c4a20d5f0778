"""The address book: where a member has goods sent to. The address given at sign-up is the first one in it."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Address, User
from common.errors import DomainError

MAX_ADDRESSES = 20


class AddressBookFull(DomainError):
    """As many addresses as one member keeps."""

    code = "address_book_full"


def own_address(member: User) -> Address | None:
    """Return the one given at sign-up, as an unsaved row of the book; None if the member gave none."""
    if not (member.address and member.postcode):
        return None
    return Address(
        member=member,
        code="",
        label=_("내 주소"),
        name=member.name,
        phone=member.phone,
        postcode=member.postcode,
        address=member.address,
        address_detail=member.address_detail,
    )


def address_book(member: User) -> list[Address]:
    """Return every address of the member, the one to offer first in front."""
    saved = list(member.addresses.all())
    own = own_address(member)
    if own is None:
        return saved
    return [*saved[:1], own, *saved[1:]] if saved and saved[0].is_default else [own, *saved]


def first_address(member: User) -> Address | None:
    """Return where the member most likely has things sent: the default, else the one from sign-up, else the newest."""
    return next(iter(address_book(member)), None)


@transaction.atomic
def save_address(address: Address) -> None:
    """Write a new or changed address of its member. A new default takes the place of the old one.

    Raises AddressBookFull.
    """
    User.objects.select_for_update().get(pk=address.member_id)  # one default at most, also from two tabs
    others = Address.objects.filter(member=address.member_id).exclude(pk=address.pk)
    if address._state.adding and others.count() >= MAX_ADDRESSES:
        raise AddressBookFull(
            _("배송지는 %(most)d개까지 저장할 수 있어요. 쓰지 않는 배송지를 지워 주세요.")
            % {"most": MAX_ADDRESSES}
        )
    if address.is_default:
        others.filter(is_default=True).update(is_default=False)
    address.save()


@transaction.atomic
def make_default(address: Address) -> None:
    """Offer this address first from now on."""
    User.objects.select_for_update().get(pk=address.member_id)
    Address.objects.filter(member=address.member_id, is_default=True).update(is_default=False)
    Address.objects.filter(pk=address.pk).update(is_default=True)


def note_used(address: Address) -> None:
    """Something is sent there: it moves up in the book."""
    Address.objects.filter(pk=address.pk).update(used_at=timezone.now())
