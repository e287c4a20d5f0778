"""How long an upload takes to be playable and to have its whole ladder, beside one plain ffmpeg command."""

import argparse
import os
import shutil
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.parts import plain_ladder, report
from benchmarks.parts.plain_ladder import PeakMemory, Took
from benchmarks.parts.site import working_folder
from benchmarks.parts.usage import cpu_seconds_with_children
from devtools.problem import Problem
from devtools.say import say
from devtools.stack import Stack

TARGET = 1.05
LOOK_SECONDS = 0.02
PATIENCE = 20
"""How many times its own length a film may take."""
PROCESSES = ("worker", "transcoder")


@dataclass(frozen=True)
class Plan:
    """`seconds` of film, and how often each side makes it."""

    seconds: int
    rounds: int


FULL = Plan(seconds=60, rounds=3)
QUICK = Plan(seconds=8, rounds=1)
WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Ours:
    """What an upload took us; `first_playable` and `took.wall` are seconds from its last byte."""

    first_playable: float
    took: Took


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    source, warm_up = plain_ladder.film(plan.seconds), plain_ladder.film(WARM_UP_SECONDS)
    with working_folder() as folder:
        overrides = {"DATABASE_URL": os.environ["DATABASE_URL"]}
        stack = Stack(folder / "site", redis_url=os.environ.get("REDIS_URL"), overrides=overrides)
        try:
            stack.open()
            for name in PROCESSES:
                stack.start_process(name)
            member = _set_up(stack)
            _process(stack, member, warm_up, WARM_UP_SECONDS)
            ours, peer = [], []
            for number in range(plan.rounds):
                say(f"round {number + 1} of {plan.rounds}: the pipeline …")
                ours.append(_process(stack, member, source, plan.seconds))
                if not options.no_peer:
                    say("  the plain command …")
                    peer.append(_plain(source, folder / f"peer-{number}"))
        finally:
            stack.stop()
    _tell(figures_of(plan, ours, peer), as_json=options.json)
    return 0


def _set_up(stack: Stack) -> Any:  # noqa: ANN401 Django's models can be imported only once it is set up
    """Let this process speak to the site's database and broker; return a member to own the films."""
    os.environ.update(stack.environment, DJANGO_SETTINGS_MODULE="livecommerce.settings")
    import django

    django.setup()
    from accounts.models import User

    return User.objects.create_user(username=f"bench-{os.getpid()}", nickname=f"bench-{os.getpid()}")


def _process(stack: Stack, member: Any, film: Path, seconds: int) -> Ours:  # noqa: ANN401 as above
    """Hand over an upload as if its last byte had just come, and wait until all is made of it."""
    from media_pipeline.models import Asset
    from media_pipeline.transcode_tasks import check_asset
    from media_pipeline.uploading import uploads

    asset = Asset(owner=member, purpose=Asset.Purpose.VIDEO, name=film.name, status=Asset.Status.CHECKING)
    asset.source_key = f"sources/{asset.code}/film"
    target = Path(uploads().source_address(asset.source_key))
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(film, target)
    groups = [stack.pid(name) for name in PROCESSES]
    peak = PeakMemory(stack.pid("transcoder"))
    before, begin, playable = sum(map(cpu_seconds_with_children, groups)), time.monotonic(), None
    asset.save()
    check_asset.delay(asset.pk)
    while asset.status != Asset.Status.READY:
        if time.monotonic() - begin > 30 + PATIENCE * seconds:
            raise Problem(f"The film was not ready in time; see {stack.log('transcoder')}.")
        stack.require_running()
        time.sleep(LOOK_SECONDS)
        asset.refresh_from_db()
        if asset.status in (Asset.Status.FAILED, Asset.Status.REFUSED):
            raise Problem(f"The film was not made: {asset.problem}; see {stack.log('transcoder')}.")
        if asset.storage_key and playable is None:
            _require_picture(asset.storage_key)
            playable = time.monotonic() - begin
    wall = time.monotonic() - begin
    cpu = sum(map(cpu_seconds_with_children, groups)) - before
    return Ours(playable or wall, Took(wall, cpu, peak.stop()))


def _require_picture(key: str) -> None:
    """Problem unless a player could show the first picture of the playlist at this key."""
    import av
    from django.conf import settings

    with av.open(str(Path(settings.MEDIA_ROOT, key))) as container:
        if next(container.decode(video=0), None) is None:
            raise Problem("The playlist plays nothing.")


def _plain(source: Path, folder: Path) -> Took:
    folder.mkdir()
    try:
        return plain_ladder.transcode(source, folder)
    finally:
        shutil.rmtree(folder)


def figures_of(plan: Plan, ours: list[Ours], peer: list[Took]) -> dict[str, report.Figure]:
    """Sum the rounds up. Ratios are of each round by itself: what else the machine did at the time bore on both."""
    pairs = list(zip(ours, peer, strict=False))
    return {
        "wall_ratio": statistics.median(a.took.wall / b.wall for a, b in pairs) if pairs else None,
        "cpu_ratio": statistics.median(a.took.cpu / b.cpu for a, b in pairs) if pairs else None,
        "peak_mib": max(one.took.peak_mib for one in ours),
        "peer_peak_mib": max(one.peak_mib for one in peer) if peer else None,
        "first_playable_s": statistics.median(one.first_playable for one in ours),
        "ladder_s": statistics.median(one.took.wall for one in ours),
        "peer_ladder_s": statistics.median(one.wall for one in peer) if peer else None,
        "cpu_s": statistics.median(one.took.cpu for one in ours),
        "peer_cpu_s": statistics.median(one.cpu for one in peer) if peer else None,
        "film_s": plan.seconds,
        "rounds": plan.rounds,
        "load_average": report.load_average(),
    }


def _tell(figures: dict[str, report.Figure], *, as_json: bool) -> None:
    rows: list[report.Row] = [
        ("first picture, s", figures["first_playable_s"], None),
        ("whole ladder, s", figures["ladder_s"], figures["peer_ladder_s"]),
        ("processor, s", figures["cpu_s"], figures["peer_cpu_s"]),
        ("memory at most, MiB", figures["peak_mib"], figures["peer_peak_mib"]),
        ("ratio by the clock", figures["wall_ratio"], 1),
        ("ratio of processor time", figures["cpu_ratio"], 1),
    ]
    notes = [
        f"{figures['film_s']} s of 1080p30, median of {figures['rounds']}; times run from the upload's last byte.",
        f"Target: a ratio by the clock of at most {TARGET}. Load average {figures['load_average']:.1f}.",
    ]
    report.tell(figures, as_json=as_json, peer="plain ffmpeg", rows=rows, notes=notes)


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
