from typing import Any

from django.core.management.base import BaseCommand

from catalog.actions import reindex_products


class Command(BaseCommand):
    help = "Write anew what products are found by: after a category or a seller was renamed, or the rules changed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reindex_products()} products changed")
