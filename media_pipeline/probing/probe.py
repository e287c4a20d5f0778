"""Asking the looking process about a file, and what its answers mean."""

import json
import os
import signal
import subprocess
import sys

from django.conf import settings

from common.errors import DomainError, ProviderError
from media_pipeline.probing.facts import VideoFacts
from media_pipeline.refusals import words

WALL_SECONDS = 20
PASSED_ON = ("PATH", "LANG", "SSL_CERT_FILE", "SSL_CERT_DIR")
"""Environment the process needs. Our secrets are not among it."""


class ProbeRefused(DomainError):
    """The file is not a video we take: `code` is one of `media_pipeline.refusals`, `message` its words."""

    def __init__(self, code: str) -> None:
        super().__init__(words(code))
        self.code = code


class ProbeFailed(ProviderError):
    """The file could not be looked at, through no fault of its own: trying again may help."""


def probe_video(address: str) -> VideoFacts:
    """Return what is in the video at a path or http(s) address, within WALL_SECONDS.

    Raises ProbeRefused for a file that we do not take, ProbeFailed when it cannot be read just now.
    """
    answer = _ask(address)
    if "refused" in answer:
        raise ProbeRefused(answer["refused"])
    if "unreadable" in answer:
        raise ProbeFailed(answer["unreadable"])
    facts = VideoFacts(**answer["facts"])
    if facts.duration_ms > settings.VIDEO_MAX_SECONDS * 1000 + 999:
        raise ProbeRefused("too_long")
    return facts


def _ask(address: str) -> dict:
    environment = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "media_pipeline.probing.inspect"],
            input=address.encode(),
            capture_output=True,
            timeout=WALL_SECONDS,
            cwd=settings.BASE_DIR,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProbeFailed(f"looking took longer than {WALL_SECONDS} s") from None
    if done.returncode in (-signal.SIGXCPU, -signal.SIGSEGV, -signal.SIGABRT):
        raise ProbeRefused("not_a_video")  # it wants more than any film does
    try:
        return json.loads(done.stdout)
    except ValueError:
        why = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise ProbeFailed(f"looking ended with {done.returncode}: {why[:200]}") from None
