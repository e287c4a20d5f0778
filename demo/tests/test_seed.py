from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from broadcasts.following.models import Follow
from broadcasts.models import Broadcast, Channel, LineupItem
from catalog.models import Product
from chat.models import Message
from demo import seed
from demo.goods import Item
from demo.people import BUYER, EVERYBODY, PASSWORD, SELLER, STAFF
from demo.shows import ON_AIR, UPCOMING

COUNTED = (User, Channel, Product, Broadcast, LineupItem, Message, Follow)


@pytest.mark.usefixtures("plain_pictures")
@pytest.mark.django_db
def test_seeding_twice_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    seed.seed()
    before = [list(model.objects.order_by("pk").values()) for model in COUNTED]
    assert len(before[0]) == len(EVERYBODY)
    assert len(before[2]) == 11
    assert len(before[3]) == 1 + len(UPCOMING)

    def draw_again(item: Item) -> None:
        raise AssertionError(f"{item.name} was drawn a second time")

    monkeypatch.setattr(Item, "picture", draw_again)
    seed.seed()
    assert [list(model.objects.order_by("pk").values()) for model in COUNTED] == before


@pytest.mark.django_db
def test_members_and_products_are_as_good_as_real_ones() -> None:
    seed.seed()
    assert set(Channel.objects.values_list("state", flat=True)) == {Channel.State.READY}
    assert Client().login(username=BUYER.username, password=PASSWORD)
    assert User.objects.get(username=STAFF.username).is_staff
    assert not User.objects.get(username=SELLER.username).is_staff
    assert User.objects.get(username=SELLER.username).channel.followers == 6
    for member in User.objects.all():
        member.full_clean()
    for product in Product.objects.prefetch_related("variants__stock"):
        product.full_clean()
        picture = product.images.get()
        assert (picture.width, picture.height) == (800, 800)
        assert product.left > 0
    show = Broadcast.objects.get(title=ON_AIR.title)
    assert [item.product.name for item in show.lineup.all()] == [item.name for item in ON_AIR.items]
    assert show.status == Broadcast.Status.SCHEDULED


@pytest.mark.usefixtures("plain_pictures")
@pytest.mark.django_db
def test_a_product_that_was_taken_away_comes_back() -> None:
    seed.seed()
    LineupItem.objects.all().delete()
    Product.objects.filter(name=ON_AIR.items[0].name).delete()
    seed.seed()
    assert Product.objects.filter(name=ON_AIR.items[0].name).count() == 1


@pytest.mark.usefixtures("plain_pictures")
@pytest.mark.django_db
def test_the_command_says_how_to_sign_in(
    settings: LazySettings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEBUG = True
    announced: list[Path] = []
    monkeypatch.setattr("demo.management.commands.seed_demo.announce_trailers", announced.append)
    call_command("seed_demo")
    assert announced == [settings.DATA_DIR / "demo"]
    said = capsys.readouterr().out
    assert PASSWORD in said
    assert all(name in said for name in ("demo-seller", "demo-buyer", "demo-staff"))


@pytest.mark.django_db
@pytest.mark.parametrize("command", ["seed_demo", "publish_demo"])
def test_there_is_no_demo_without_debug(command: str, settings: LazySettings) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="DEBUG"):
        call_command(command)
    assert not User.objects.exists()


@pytest.mark.django_db
def test_publishing_before_seeding_says_what_to_do(settings: LazySettings) -> None:
    settings.DEBUG = True
    with pytest.raises(CommandError, match="seed_demo"):
        call_command("publish_demo")
