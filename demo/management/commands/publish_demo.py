"""Keeps the demo's show on air, through the real ingest, until it is told to stop."""

import logging
import signal
import sys
import time
from pathlib import Path
from threading import Event, Thread
from typing import Any

import redis
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections

from broadcasts.models import Channel
from common.errors import DomainError, ProviderError
from demo.announcements import announce_trailers
from demo.encoder import Encoder
from demo.film import prepare_film
from demo.program import Program
from demo.replay import record_replay
from demo.shows import ON_AIR

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Keep the demo's show on air; only where DEBUG is on, and after seed_demo."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo is for a site on this machine: it needs DEBUG=1.")
        channel = Channel.objects.filter(member__username=ON_AIR.seller.username).first()
        if channel is None or channel.state != Channel.State.READY:
            raise CommandError("There is no demo seller yet: run seed_demo first.")
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: sys.exit(0))
        folder = Path(settings.DATA_DIR) / "demo"
        announce_trailers(folder)  # those of earlier days are past by now
        film = prepare_film(folder, "on-air", ON_AIR.items)
        encoder = Encoder(
            film=film, server_url=settings.INGEST_PUBLIC_RTMP_URL, stream_key=channel.stream_key
        )
        stopping = Event()
        replay = Thread(target=record_replay, args=(folder, stopping), daemon=True)
        try:
            _keep_on_air(Program(ON_AIR, encoder), replay)
        finally:
            stopping.set()
            encoder.stop()
            if replay.ident:
                replay.join(3)


def _keep_on_air(program: Program, replay: Thread) -> None:
    while True:
        try:
            close_old_connections()
            program.step()
        except (DomainError, ProviderError, DatabaseError, redis.RedisError) as error:
            logger.warning("the demo stumbled and goes on: %s: %s", type(error).__name__, error)
        if program.is_on_air and not replay.ident:
            replay.start()
        time.sleep(1)
