"""Runs the built-in live video server: RTMP in, low-latency HLS and recordings out."""

import asyncio
import logging
import signal
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import imageio_ffmpeg
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from broadcasts.ingest import gateway
from broadcasts.ingest.config import Config
from broadcasts.ingest.server import CannotListen, IngestServer


class Command(BaseCommand):
    help = "Receive live video over RTMP and serve it as low-latency HLS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rtmp-port", type=int, default=settings.INGEST_RTMP_PORT)
        parser.add_argument("--http-port", type=int, default=settings.INGEST_HTTP_PORT)

    def handle(self, *args: Any, rtmp_port: int, http_port: int, **options: Any) -> None:
        try:
            gateway.check_database()
        except DatabaseError as error:
            raise CommandError(f"The database cannot be reached: {error}") from error
        config = Config(
            recordings=settings.RECORDINGS_ROOT,
            rtmp_host=settings.INGEST_RTMP_HOST,
            rtmp_port=rtmp_port,
            http_host=settings.INGEST_HTTP_HOST,
            http_port=http_port,
            control_secret=settings.INGEST_CONTROL_SECRET,
            allowed_origins=tuple(settings.INGEST_ALLOWED_ORIGINS),
            max_connections=settings.INGEST_MAX_CONNECTIONS,
            max_bitrate=settings.INGEST_MAX_BITRATE,
            max_keyframe_seconds=settings.INGEST_MAX_KEYFRAME_SECONDS,
            reconnect_window=settings.RECONNECT_WINDOW_SECONDS,
            ffmpeg=imageio_ffmpeg.get_ffmpeg_exe(),
        )
        config.recordings.mkdir(parents=True, exist_ok=True)
        logging.getLogger("asyncio").setLevel(logging.WARNING)
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(self._serve(config))

    async def _serve(self, config: Config) -> None:
        server = IngestServer(config, authorise=gateway.authorise, emit=gateway.emit)
        try:
            await server.start()
        except CannotListen as error:
            raise CommandError(f"{error} Choose another with --rtmp-port or --http-port.") from error
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        self.stdout.write(
            f"Ingest listens: rtmp://{config.rtmp_host}:{server.rtmp_port}/{config.application},"
            f" http://{config.http_host}:{server.http_port}"
        )
        self.stdout.flush()
        await stop.wait()
        await server.stop()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop where there is one: it is not made for Windows."""
    try:
        from uvloop import new_event_loop
    except ImportError:
        return None
    return new_event_loop
