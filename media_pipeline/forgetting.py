"""Deleting applied envelopes that are of no use any more. What failed or was not understood stays for staff."""

import time
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from media_pipeline.models import ProviderEvent

KEEP = timedelta(days=30)
KEEP_PROGRESS = timedelta(days=1)
BATCH = 1000
SECONDS = 60
"""Longest run; the next one goes on."""

PROGRESS = Q(type="MediaConvert Job State Change", envelope__detail__status="STATUS_UPDATE")


def forget_old_events() -> int:
    """Delete in small transactions, so that nobody waits for them; return how many."""
    now = timezone.now()
    applied = ProviderEvent.objects.filter(status=ProviderEvent.Status.APPLIED)
    old = applied.filter(Q(received_at__lt=now - KEEP) | (PROGRESS & Q(received_at__lt=now - KEEP_PROGRESS)))
    until, count = time.monotonic() + SECONDS, 0
    while time.monotonic() < until:
        ids = list(old.order_by("pk").values_list("pk", flat=True)[:BATCH])
        if not ids:
            break
        count += ProviderEvent.objects.filter(pk__in=ids).delete()[0]
    return count
