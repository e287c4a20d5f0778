"""Walks the whole ledger and says what is wrong with it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from orders.ledger.walk import walk


class Command(BaseCommand):
    help = "Check that the books balance and agree with orders, refunds and statements; exit code 1 if not."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for fault in walk():
            faults += 1
            self.stderr.write(fault)
        if faults:
            raise CommandError(f"{faults} things are wrong with the books.")
        self.stdout.write("The books are right.")
