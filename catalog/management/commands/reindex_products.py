from typing import Any

from django.core.management.base import BaseCommand

from catalog.reindexing import reindex_products


class Command(BaseCommand):
    help = "Write anew what products are found by: after an update changed the rules, or names were changed by SQL."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{reindex_products()} products changed")
