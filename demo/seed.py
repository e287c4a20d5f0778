"""Put the demo's members, products and shows into the database: what is there already stays as it is."""

import io
import time

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.actions import join
from accounts.models import Consent, User
from broadcasts.actions import create_broadcast, open_channel
from broadcasts.channels import ChannelBusy, prepare_channel
from broadcasts.following.actions import follow
from broadcasts.models import Broadcast, Channel
from catalog.actions import NewVariant, StoredImage, create_product
from catalog.models import Category, Product, ShippingRule
from common.codes import new_code
from demo.goods import Item
from demo.people import EVERYBODY, FOLLOWED, PASSWORD, Person
from demo.shows import EVERY, ON_AIR, UPCOMING, Show
from media_pipeline.pictures import reencode

_BUSY_SECONDS = 10.0


def seed() -> None:
    """Seed everything; quick and without effect where it was done before."""
    members = _seed_people()
    for person, sellers in FOLLOWED.items():
        for seller in sellers:
            follow(members[person.username], members[seller.username].channel)
    for show in EVERY:
        for item in show.items:
            find_or_create_product(members[show.seller.username], item)
    for show in (ON_AIR, *UPCOMING):
        member = members[show.seller.username]
        if not Broadcast.objects.filter(channel__member=member, title=show.title).exists():
            announce(show)


def announce(show: Show) -> Broadcast:
    """Make one more broadcast of this show."""
    member = User.objects.get(username=show.seller.username)
    products = [find_or_create_product(member, item) for item in show.items]
    return create_broadcast(member.channel, title=show.title, products=products, by=member)


RETURN_TERMS = (
    "받은 날부터 7일 안에 교환·반품을 신청할 수 있어요. 단순 변심이면 왕복 택배비 6,000원은 구매자가 내고, "
    "상품에 문제가 있거나 다른 상품이 왔다면 저희가 부담해요. 사용했거나 포장이 훼손된 상품은 반품이 어려워요."
)


def find_or_create_product(seller: User, item: Item) -> Product:
    """Return the seller's product, drawn and put on the shelf now if need be."""
    if product := Product.objects.filter(seller=seller, name=item.name).first():
        return product
    each = item.stock // len(item.colours) if item.colours else 0
    return create_product(
        seller,
        name=item.name,
        price=item.price,
        category=Category.objects.get(slug=item.category),
        stock=item.stock,
        option_names=["색상"] if item.colours else [],
        variants=[NewVariant(values=(colour,), stock=each) for colour in item.colours],
        description=item.description,
        deal=item.deal,
        condition=item.condition,
        place=item.place,
        return_terms=RETURN_TERMS if item.deal == Product.Deal.RETAIL else "",
        shipping=_shipping(seller, item.shipping_fee),
        image=_store_picture(item),
    )


def _shipping(seller: User, fee: int) -> ShippingRule | None:
    """The seller's parcels for this fee, sent for nothing from 50,000 won on."""
    if not fee:
        return None
    values = {"fee": fee, "free_from": 50_000, "remote_fee": 4_000}
    return ShippingRule.objects.get_or_create(seller=seller, name=f"택배 {fee:,}원", defaults=values)[0]


def _store_picture(item: Item) -> StoredImage:
    drawing = io.BytesIO()
    item.picture().save(drawing, "PNG", compress_level=1)
    picture = reencode(drawing)
    name = default_storage.save(f"images/{new_code()}.webp", ContentFile(picture.content))
    return StoredImage(name=name, width=picture.width, height=picture.height)


def _seed_people() -> dict[str, User]:
    names = [person.username for person in EVERYBODY]
    members = {member.username: member for member in User.objects.filter(username__in=names)}
    missing = [person for person in EVERYBODY if person.username not in members]
    password = make_password(PASSWORD) if missing else ""
    for person in missing:
        members[person.username] = _join(person, password)
    return members


def _join(person: Person, password: str) -> User:
    member = join(
        User(
            username=person.username,
            password=password,
            name=person.name,
            nickname=person.nickname,
            email=f"{person.username}@example.com",
            kind=person.kind,
            is_staff=person.is_staff,
            is_superuser=person.is_staff,
            phone="010-0000-1234",
            postcode="04524",
            address="서울 중구 세종대로 110",
            address_detail="1층",
        ),
        consents=[Consent.Subject.TERMS, Consent.Subject.PRIVACY, Consent.Subject.AGE],
    )
    EmailAddress.objects.create(user=member, email=member.email, verified=True, primary=True)
    open_channel(member.pk)
    _prepare(Channel.objects.get(member=member).pk)
    return member


def _prepare(channel_id: int) -> None:
    """Prepare the channel here and now, or wait for the worker that was quicker."""
    deadline = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            return prepare_channel(channel_id)
        except ChannelBusy:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
