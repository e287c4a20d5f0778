from typing import Any

from django.core.management.base import BaseCommand

from broadcasts.addresses import refresh_addresses
from media_pipeline import addresses as media_addresses


class Command(BaseCommand):
    help = "Write playback addresses anew, after the origin or CDN has moved (INGEST_PUBLIC_HTTP_URL, MEDIA_BASE_URL)."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{refresh_addresses() + media_addresses.refresh_addresses()} addresses changed")
