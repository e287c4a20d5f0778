"""The server's event envelopes, shaped as Amazon IVS sends them, and their delivery."""

import asyncio
import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from .channel import Channel
from .playlist import iso_time

logger = logging.getLogger(__name__)

Envelope = dict[str, Any]
Emit = Callable[[Envelope], Awaitable[None]]

STREAM_STATE = "IVS Stream State Change"
STREAM_HEALTH = "IVS Stream Health Change"
LIMIT_BREACH = "IVS Limit Breach"
RECORDING_STATE = "IVS Recording State Change"

_NAMESPACE = uuid.UUID("5b0f4c1e-6b1d-4f6e-9a55-0c3c1f5a2d10")
_FIRST_RETRY, _LAST_RETRY = 0.2, 5.0


def envelope(kind: str, channel: Channel, detail: dict[str, Any], *, once: str | None = None) -> Envelope:
    """An event of now. Events with the same `once` get the same id, so that a repeat is recognised as one."""
    event_id = uuid.uuid5(_NAMESPACE, once) if once else uuid.uuid4()
    return {
        "version": "0",
        "id": str(event_id),
        "detail-type": kind,
        "source": "livecommerce.ingest",
        "account": "local",
        "time": iso_time(time.time()),
        "region": "local",
        "resources": [channel.ref],
        "detail": {"channel_name": channel.name, **detail},
    }


def stream_state(channel: Channel, stream_id: str, name: str, **extra: Any) -> Envelope:
    """ "Stream Start", "Stream End", or "Stream Failure" with `reason` and `code` (see `refusals`)."""
    detail = {"event_name": name, "stream_id": stream_id, **extra}
    return envelope(STREAM_STATE, channel, detail, once=f"{stream_id} {name}")


def stream_health(channel: Channel, stream_id: str, name: str, **extra: Any) -> Envelope:
    """ "Starvation Start" and "… End"; ours: "Keyframe Interval High" and "… Normal" with `keyframe_ms`."""
    return envelope(STREAM_HEALTH, channel, {"event_name": name, "stream_id": stream_id, **extra})


def bitrate_breach(channel: Channel, stream_id: str, limit: int, exceeded_by: int) -> Envelope:
    return envelope(
        LIMIT_BREACH,
        channel,
        {
            "limit_name": "Ingest Bitrate",
            "limit_value": limit,
            "exceeded_by": exceeded_by,
            "limit_unit": "bits per second",
            "stream_id": stream_id,
        },
    )


def recording_state(
    channel: Channel,
    status: str,
    *,
    session_id: str,
    duration_ms: int,
    stream_ids: list[str],
    reason: str = "",
) -> Envelope:
    """`status` is "Recording Start", "Recording End", or one of these with " Failure" and a reason."""
    detail = {
        "recording_status": status,
        "recording_status_reason": reason,
        "recording_s3_bucket_name": "local",
        "recording_s3_key_prefix": f"recordings/{channel.playback_id}/{session_id}",
        "recording_duration_ms": duration_ms,
        "recording_session_id": session_id,
        "recording_session_stream_ids": stream_ids,
        "stream_id": stream_ids[-1] if stream_ids else "",
    }
    return envelope(RECORDING_STATE, channel, detail, once=f"{session_id} {status}")


class Outbox:
    """Hands envelopes to `emit` one by one, in order, and tries again until it takes them."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._queue: asyncio.Queue[tuple[Envelope, Callable[[], None] | None]] = asyncio.Queue()
        self._task = asyncio.get_running_loop().create_task(self._deliver())

    def send(self, event: Envelope, delivered: Callable[[], None] | None = None) -> None:
        self._queue.put_nowait((event, delivered))

    async def close(self, timeout: float) -> None:
        """Deliver what is queued, within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):
                await self._queue.join()
        except TimeoutError:
            logger.error("%d events were not delivered in time", self._queue.qsize() + 1)
        self._task.cancel()

    async def _deliver(self) -> None:
        while True:
            event, delivered = await self._queue.get()
            await self._deliver_one(event)
            if delivered is not None:
                delivered()
            self._queue.task_done()

    async def _deliver_one(self, event: Envelope) -> None:
        delay = _FIRST_RETRY
        while True:
            try:
                async with asyncio.timeout(30):
                    await self._emit(event)
                return
            except Exception as error:  # noqa: BLE001
                # Whatever is wrong on the other side, an event lost here would leave a channel live for ever.
                logger.warning(
                    "Event %s not delivered, trying again in %.1f s: %r", event["id"], delay, error
                )
            await asyncio.sleep(delay)
            delay = min(delay * 2, _LAST_RETRY)
