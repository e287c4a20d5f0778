"""Counting who saw and who clicked, each viewer once a day (Asia/Seoul).

Redis keeps who was counted, in a set for each advertisement and day. Without Redis nothing is counted and nobody
pays: pages work as before.
"""

import logging
from collections.abc import Iterable
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import redis
from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from common.redis_client import redis_client
from orders.models import Ad, AdDay

logger = logging.getLogger(__name__)

KEPT_SECONDS = 3 * 24 * 3600


def today() -> date:
    """Return the day that clicks of now belong to."""
    return timezone.localdate(timezone=ZoneInfo(settings.TIME_ZONE))


def count_impressions(ads: Iterable[Ad], viewer: str) -> None:
    """Note that a viewer was shown these; `flush_impressions` counts them."""
    day = today()
    try:
        with redis_client().pipeline(transaction=False) as pipe:
            for ad in ads:
                pipe.sadd(_seen(ad.pk, day), viewer)
                pipe.expire(_seen(ad.pk, day), KEPT_SECONDS)
                pipe.sadd(_shown(day), ad.pk)
            pipe.expire(_shown(day), KEPT_SECONDS)
            pipe.execute()
    except redis.RedisError:
        logger.warning("impressions not counted", exc_info=True)


def flush_impressions() -> int:
    """Write the day's viewers, and the last day's, to `AdDay`; return how many rows grew.

    It writes how many there are rather than adding to what there was, so that no round counts anybody twice.
    """
    grown = 0
    for day in (today() - timedelta(days=1), today()):
        for ad_id, viewers in _viewers_of(day).items():
            if not Ad.objects.filter(pk=ad_id).exists():
                continue
            AdDay.objects.get_or_create(ad_id=ad_id, day=day)
            own = AdDay.objects.filter(ad=ad_id, day=day, impressions__lt=viewers)
            grown += own.update(impressions=viewers)
    return grown


def _viewers_of(day: date) -> dict[int, int]:
    try:
        ids = sorted(int(pk) for pk in redis_client().smembers(_shown(day)))
        with redis_client().pipeline(transaction=False) as pipe:
            for ad_id in ids:
                pipe.scard(_seen(ad_id, day))
            return dict(zip(ids, pipe.execute(), strict=True))
    except redis.RedisError:
        logger.warning("impressions not flushed", exc_info=True)
        return {}


def count_click(ad: Ad, viewer: str) -> bool:
    """Charge a click, once a viewer and day; say whether it was charged."""
    day = today()
    key = f"ads:clicked:{ad.pk}:{day:%Y%m%d}"
    try:
        with redis_client().pipeline() as pipe:
            pipe.sadd(key, viewer)
            pipe.expire(key, KEPT_SECONDS)
            is_new, _expires = pipe.execute()
    except redis.RedisError:
        logger.warning("click not counted", exc_info=True, extra={"ad": ad.code})
        return False
    return bool(is_new) and _charge(ad, day)


@transaction.atomic
def _charge(ad: Ad, day: date) -> bool:
    """Take the price from what is left of the budget: one conditional UPDATE, as with stock."""
    if not Ad.objects.running(timezone.now()).filter(pk=ad.pk).update(spent=F("spent") + F("click_price")):
        return False
    row = AdDay.objects.filter(ad=ad, day=day)
    more = {"clicks": F("clicks") + 1, "cost": F("cost") + ad.click_price}
    if not row.update(**more):
        try:
            with transaction.atomic():
                AdDay.objects.create(ad=ad, day=day, clicks=1, cost=ad.click_price)
        except IntegrityError:  # the task that counts impressions was faster
            row.update(**more)
    return True


def _shown(day: date) -> str:
    return f"ads:shown:{day:%Y%m%d}"


def _seen(ad_id: int, day: date) -> str:
    return f"ads:seen:{ad_id}:{day:%Y%m%d}"
