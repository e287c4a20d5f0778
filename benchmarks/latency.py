"""How old a live picture is when a viewer sees it: from the encoder's picture source to the decoded frame."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page

from benchmarks.parts import report
from benchmarks.parts.browser import watching_page
from benchmarks.parts.nginx_rtmp import FRAGMENT_SECONDS, NginxRtmp, nginx_rtmp
from benchmarks.parts.site import ingest, working_folder
from devtools.clock_picture import publisher, seconds_late
from devtools.problem import Problem
from devtools.processes import Child, wait_for
from devtools.say import say

KEYFRAME_SECONDS = 2.0
"""What OBS is commonly set to."""

TARGET_P50, TARGET_P95 = 1.6, 2.0
PLAYING_SECONDS = 20
WARM_UP_SECONDS = 5.0
"""A player finds its place in the stream first; ages seen meanwhile are left out, but stalls count."""

FREEZE_SECONDS = 0.5
"""A picture that stands still for longer is a stall, whatever the player says."""

PEER_FRAGMENTS = 3
"""hls.js stays three fragments behind the end of a playlist; joining earlier would flatter the peer."""

NAME = "clock"


@dataclass(frozen=True)
class Plan:
    """For how many seconds ages are collected, at least."""

    ours: float
    peer: float


FULL, QUICK = Plan(ours=60, peer=60), Plan(ours=20, peer=10)


@dataclass(frozen=True)
class Seen:
    """What one viewer saw. Ages and times are seconds; `seconds` is how long ages were collected."""

    p50: float
    p95: float
    worst: float
    stalls: int
    samples: int
    unreadable: int
    seconds: float
    first_frame: float


def measure(options: argparse.Namespace) -> int:
    plan = QUICK if options.quick else FULL
    with ExitStack() as running:
        folder = running.enter_context(working_folder())
        peer = None if options.no_peer else _start_peer(running, folder / "nginx")
        stack, (channel,) = running.enter_context(ingest(folder / "site", 1))
        urls = [channel.rtmp_url, *([peer.rtmp_url(NAME)] if peer else [])]
        late = [0.0]
        encoder = publisher(
            *urls, keyframe_seconds=KEYFRAME_SECONDS, on_line=lambda line: late.append(seconds_late(line))
        )
        running.callback(encoder.stop, 5)
        page = running.enter_context(watching_page())
        say("Watching …")
        page.evaluate("url => watchOurs(url)", channel.playback_url)
        if peer:
            _wait_for_fragments(peer, encoder)
            page.evaluate("url => watchPeer(url)", peer.hls_url(NAME))
            _watch(page, "peer", plan.peer)
        _watch(page, "ours", plan.ours)
        stack.require_running()
        if not encoder.is_running():
            raise Problem(f"The publisher ended ({encoder.how_it_ended()}):\n{encoder.last_lines()}")
        ours = seen(**page.evaluate("ours"))
        theirs = seen(**page.evaluate("peer")) if peer else None
    _tell(ours, theirs, max(late), as_json=options.json)
    return 0 if theirs or options.no_peer else 1


def _start_peer(running: ExitStack, folder: Path) -> NginxRtmp | None:
    try:
        return running.enter_context(nginx_rtmp(folder))
    except Problem as problem:
        say(f"The peer is left out: {problem}")
        return None


def _wait_for_fragments(peer: NginxRtmp, encoder: Child) -> None:
    seconds = PEER_FRAGMENTS * (FRAGMENT_SECONDS + KEYFRAME_SECONDS) + 10
    there = wait_for(
        lambda: peer.fragments(NAME) >= PEER_FRAGMENTS, seconds, unless=lambda: not encoder.is_running()
    )
    if not there:
        raise Problem(
            f"nginx had not made {PEER_FRAGMENTS} fragments after {seconds:.0f} s:\n{encoder.last_lines()}"
        )


def _watch(page: Page, viewer: str, seconds: float) -> None:
    """Return when this viewer has watched for so long after its warm-up."""
    try:
        page.wait_for_function(f"{viewer}.playingAt", timeout=PLAYING_SECONDS * 1000)
    except BrowserError as error:
        raise Problem(f"The player ({viewer}) showed nothing within {PLAYING_SECONDS} s.") from error
    watched = (WARM_UP_SECONDS + seconds) * 1000
    page.wait_for_function(
        f"Date.now() > {viewer}.playingAt + {watched}", polling=200, timeout=watched + 10_000
    )


def seen(
    *, openedAt: int, playingAt: int, samples: Sequence[tuple[int, int | None]], waits: Sequence[int]
) -> Seen:
    """Make figures of a viewer's record in watch.js; times are ms since 1970. Problem if it holds too little."""
    begin = playingAt + WARM_UP_SECONDS * 1000
    late = [(when, clock) for when, clock in samples if when >= begin]
    ages = sorted((when - clock) / 1000 for when, clock in late if clock is not None)
    if len(ages) < len(late) / 2 or not ages:
        raise Problem("The clock in the picture could not be read.")
    return Seen(
        p50=ages[len(ages) // 2],
        p95=ages[len(ages) * 95 // 100],
        worst=ages[-1],
        stalls=_episodes([*waits, *_freezes(samples)]),
        samples=len(ages),
        unreadable=len(late) - len(ages),
        seconds=(late[-1][0] - late[0][0]) / 1000,
        first_frame=(playingAt - openedAt) / 1000,
    )


def _freezes(samples: Sequence[tuple[int, int | None]]) -> list[int]:
    """When the picture had stood still for too long, once per time."""
    moments: list[int] = []
    shown, since, told = None, 0, False
    for when, clock in samples:
        if clock != shown:
            shown, since, told = clock, when, False
        elif clock is not None and not told and when - since > FREEZE_SECONDS * 1000:
            moments.append(when)
            told = True
    return moments


def _episodes(moments: Sequence[int]) -> int:
    """Count moments, those within a second of one another once: a player may report what we saw too."""
    ordered = sorted(moments)
    return sum(1 for index, when in enumerate(ordered) if index == 0 or when - ordered[index - 1] > 1000)


def _tell(ours: Seen, theirs: Seen | None, late: float, *, as_json: bool) -> None:
    peer: Mapping[str, float | int] = asdict(theirs) if theirs else {}
    figures: dict[str, report.Figure] = {
        "p50_s": ours.p50,
        "p95_s": ours.p95,
        "worst_s": ours.worst,
        "stalls": ours.stalls,
        "samples": ours.samples,
        "seconds": ours.seconds,
        "first_frame_s": ours.first_frame,
        "peer_p50_s": peer.get("p50"),
        "peer_p95_s": peer.get("p95"),
        "peer_stalls": peer.get("stalls"),
        "peer_seconds": peer.get("seconds"),
        "source_late_s": late,
        "load_average": report.load_average(),
    }
    named = {
        "p50": "age of the picture, median, s",
        "p95": "age of the picture, 95 %, s",
        "worst": "age of the picture, worst, s",
        "stalls": "stalls",
        "first_frame": "first frame after, s",
        "samples": "ages read",
        "unreadable": "frames in which the clock was not readable",
        "seconds": "read over, s",
    }
    rows = [(text, asdict(ours)[name], peer.get(name)) for name, text in named.items()]
    met = ours.p50 <= TARGET_P50 and ours.p95 <= TARGET_P95 and ours.stalls == 0
    notes = [
        f"Target: median ≤ {TARGET_P50} s, 95 % ≤ {TARGET_P95} s, no stall: {'met' if met else 'missed'}.",
        f"Keyframes every {KEYFRAME_SECONDS:.0f} s. The encoder was up to {late:.1f} s late with its pictures; load"
        f" average {report.load_average():.1f}.",
    ]
    report.tell(figures, as_json=as_json, peer="nginx-rtmp", rows=rows, notes=notes)


if __name__ == "__main__":
    sys.exit(report.run(__doc__ or "", measure))
