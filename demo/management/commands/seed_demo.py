"""Puts demo members, products and shows into the database, once, and says how to sign in."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from demo.announcements import announce_trailers
from demo.people import BUYER, CAMPER, PASSWORD, SELLER, STAFF
from demo.seed import seed


class Command(BaseCommand):
    help = "Put the demo in; only where DEBUG is on."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for a site on this machine: it needs DEBUG=1.")
        seed()
        announce_trailers(Path(settings.DATA_DIR) / "demo")
        for person, what in (
            (SELLER, "판매자, 지금 방송 중"),
            (CAMPER, "판매자, 다음 방송 예정"),
            (BUYER, "구매자"),
            (STAFF, "운영자, /admin/"),
        ):
            self.stdout.write(f"{person.username:<12}  {what}")
        self.stdout.write(f"{'비밀번호':<8}  {PASSWORD}")
