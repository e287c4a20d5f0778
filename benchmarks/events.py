"""How many envelopes a second go through the event door, and how soon a page shows what they say."""

import argparse
import json
import os
import statistics
import sys
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect

from benchmarks.parts import report
from benchmarks.parts.site import working_folder
from devtools.ports import LOOPBACK, answers
from devtools.problem import Problem
from devtools.processes import wait_for
from devtools.say import say
from devtools.stack import Stack

RATE = 100
"""Envelopes a second of the steady part; also what its target is about."""

TARGET_P99_MS = 1000
STEPS = 90
"""Progress envelopes per video: each says one percent more."""

AGAIN_EVERY = 20
"""Each so manieth envelope is sent twice, as queues do."""

AS_IN_PRODUCTION = {"DEBUG": "0", "ALLOWED_HOSTS": f"localhost,{LOOPBACK}", "LOG_LEVEL": "WARNING"}
"""With DEBUG Django keeps every query's text, which is much of the work of such small transactions."""

START_SECONDS = 90
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Plan:
    burst: int
    steady_seconds: int


FULL = Plan(burst=4000, steady_seconds=30)
QUICK = Plan(burst=1000, steady_seconds=10)


class Page:
    """A signed-in member's page: the moment at which it heard each (asset, percent), and how often."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.heard_at: dict[tuple[str, int], float] = {}
        self.times: Counter[tuple[str, int]] = Counter()
        self.joined = threading.Event()
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def _listen(self) -> None:
        for frame in self.socket:
            now = time.monotonic()
            news = json.loads(frame)
            if news["type"] == "member.joined":
                self.joined.set()
            elif news["type"] == "media.asset_changed":
                step = news["asset"], news["percent"]
                self.heard_at.setdefault(step, now)
                self.times[step] += 1

    def heard(self, asset: str, percent: int) -> float | None:
        """When it showed at least this much: of two workers the second may be the faster one."""
        later = (self.heard_at.get((asset, more)) for more in range(percent, STEPS + 1))
        return min((moment for moment in later if moment is not None), default=None)


@dataclass(frozen=True)
class Sent:
    """An envelope and when it was handed to the door (monotonic seconds)."""

    envelope: dict[str, Any]
    asset: str
    percent: int
    at: float


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    with working_folder() as folder:
        stack = Stack(
            folder,
            redis_url=os.environ.get("REDIS_URL"),
            overrides={"DATABASE_URL": os.environ["DATABASE_URL"], **AS_IN_PRODUCTION},
        )
        try:
            _start(stack)
            with _page(stack) as page:
                say(f"{plan.burst} envelopes as fast as they go …")
                per_second = _burst(plan.burst)
                say(f"{RATE} a second for {plan.steady_seconds} s …")
                sent = _steady(plan.steady_seconds)
                lost = _lost(sent)
                result = _figures(per_second, sent, lost, page)
            stack.require_running()
        finally:
            stack.stop()
    _tell(result, as_json=options.json)
    return 0


def _start(stack: Stack) -> None:
    """Have web and worker up, and this process in their site."""
    stack.open()
    os.environ.update(stack.environment, DJANGO_SETTINGS_MODULE="livecommerce.settings")
    import django

    django.setup()
    from common.heartbeat import worker_is_alive

    for name in ("web", "worker"):
        stack.start_process(name)
    up = wait_for(
        lambda: answers(LOOPBACK, stack.ports.web) and worker_is_alive(),
        START_SECONDS,
        unless=lambda: bool(stack.ended()),
    )
    stack.require_running()
    if not up:
        raise Problem(f"Web and worker were not up within {START_SECONDS} s; see {stack.log('worker')}.")


def _owner() -> Any:  # noqa: ANN401 Django is set up only now
    from accounts.models import User

    name = "events-benchmark"
    return User.objects.get_or_create(
        username=name, defaults={"nickname": name, "email": f"{name}@example.com"}
    )[0]


@contextmanager
def _page(stack: Stack) -> Iterator[Page]:
    """Open the owner's page."""
    from django.conf import settings
    from django.test import Client

    browser = Client()
    browser.force_login(_owner(), backend=settings.AUTHENTICATION_BACKENDS[0])
    cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
    address = stack.site_url.replace("http", "ws", 1) + "/ws/me/"
    with connect(
        address, origin=stack.site_url, additional_headers={"Cookie": cookie}, max_queue=None
    ) as socket:
        page = Page(socket)
        if not page.joined.wait(10):
            raise Problem("The page's socket heard nothing.")
        yield page


def _news(count: int) -> Iterator[tuple[dict[str, Any], str, int]]:
    """Make videos and yield progress envelopes of them in turn, as a transcoder reports many jobs at once."""
    from media_pipeline.models import Asset, TranscodeAttempt

    videos = []
    for _ in range(-(-count // STEPS)):
        asset = Asset.objects.create(
            owner=_owner(), purpose="video", name="film.mp4", status="transcoding", source_key="sources/none"
        )
        attempt = TranscodeAttempt.objects.create(asset=asset, status="submitted", job_id=f"job-{asset.code}")
        Asset.objects.filter(pk=asset.pk).update(attempt=attempt)
        videos.append((asset.code, attempt))
    for number in range(count):
        code, attempt = videos[number % len(videos)]
        percent = number // len(videos) + 1
        yield _envelope(attempt, percent), code, percent


def _envelope(attempt: Any, percent: int) -> dict[str, Any]:  # noqa: ANN401 Django is set up only now
    from django.utils import timezone

    now = timezone.now()
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "MediaConvert Job State Change",
        "source": "aws.mediaconvert",
        "account": "111122223333",
        "time": now.isoformat(),
        "region": "us-east-1",
        "resources": [attempt.job_id],
        "detail": {
            "timestamp": int(now.timestamp() * 1000),
            "jobId": attempt.job_id,
            "status": "STATUS_UPDATE",
            "userMetadata": {"app": "livecommerce", "attempt": str(attempt.pk)},
            "jobProgress": {"jobPercentComplete": percent, "currentPhase": "TRANSCODING"},
        },
    }


def _burst(count: int) -> float:
    """Hand envelopes to the door without a pause; return how many were kept and applied per second, all told."""
    from media_pipeline import inbox

    news = [envelope for envelope, _, _ in _news(count)]
    begin = time.monotonic()
    for envelope in news:
        inbox.accept(envelope)
    _wait_applied()
    return count / (time.monotonic() - begin)


def _steady(seconds: int) -> list[Sent]:
    from media_pipeline import inbox

    sent, begin = [], 0.0
    for number, (envelope, asset, percent) in enumerate(list(_news(RATE * seconds))):
        begin = begin or time.monotonic()
        time.sleep(max(0.0, begin + number / RATE - time.monotonic()))
        sent.append(Sent(envelope, asset, percent, at=time.monotonic()))
        inbox.accept(envelope)
        if number % AGAIN_EVERY == 0:
            inbox.accept(envelope)
    _wait_applied()
    time.sleep(0.5)  # the last frames are on their way
    return sent


def _wait_applied() -> None:
    from media_pipeline.models import ProviderEvent

    waiting = ProviderEvent.objects.filter(status="waiting")
    if not wait_for(lambda: not waiting.exists(), PATIENCE_SECONDS, every=0.05):
        raise Problem(f"{waiting.count()} envelopes were not applied within {PATIENCE_SECONDS} s.")


def _lost(sent: list[Sent]) -> int:
    from media_pipeline.models import ProviderEvent

    applied = ProviderEvent.objects.filter(status="applied").values_list("event_id", flat=True)
    return len({each.envelope["id"] for each in sent} - set(applied))


def _figures(per_second: float, sent: list[Sent], lost: int, page: Page) -> dict[str, report.Figure]:
    heard = [(each, page.heard(each.asset, each.percent)) for each in sent]
    delays = sorted(1000 * (moment - each.at) for each, moment in heard if moment is not None)
    if len(delays) < 2:
        raise Problem("The page heard nothing.")
    steps = statistics.quantiles(delays, n=100, method="inclusive")
    seconds = sent[-1].at - sent[0].at
    return {
        "envelopes_per_s": per_second,
        "p50_ms": steps[49],
        "p99_ms": steps[98],
        "worst_ms": delays[-1],
        "lost": lost,
        "doubled": sum(times - 1 for times in page.times.values()),
        "not_shown": len(sent) - len(delays),
        "sent": len(sent),
        "sent_per_s": (len(sent) - 1) / seconds,
        "load_average": report.load_average(),
    }


def _tell(result: dict[str, report.Figure], *, as_json: bool) -> None:
    report.tell(
        result,
        as_json=as_json,
        peer="target",
        rows=[
            ("envelopes a second, kept and applied", result["envelopes_per_s"], RATE),
            (f"page shows it at {RATE}/s, median, ms", result["p50_ms"], None),
            ("  99 %, ms", result["p99_ms"], TARGET_P99_MS),
            ("  worst, ms", result["worst_ms"], None),
            ("lost", result["lost"], 0),
            ("shown twice", result["doubled"], 0),
            ("never shown", result["not_shown"], 0),
        ],
        notes=[
            f"Really sent: {result['sent']}, {result['sent_per_s']:.0f} a second; one in {AGAIN_EVERY} came twice.",
            f"Load average {result['load_average']:.1f}; the page is a websocket client on /ws/me/.",
        ],
    )


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
