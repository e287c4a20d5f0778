"""What can be wrong with a seller's signal, and what to do about it, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

FADES_AFTER = timedelta(seconds=60)


@dataclass(frozen=True)
class Problem:
    """One thing the seller should know. `level` is "bad" (viewers see it) or "warn"."""

    code: str
    title: str
    advice: str
    level: str


# code: (level, stands until it is taken back, title, advice)
WORDS = {
    "unsupported_video_codec": (
        "bad",
        False,
        gettext_noop("지원하지 않는 영상 형식이에요"),
        gettext_noop("방송 프로그램의 비디오 인코더를 H.264(x264)로 바꿔 주세요."),
    ),
    "unsupported_audio_codec": (
        "bad",
        False,
        gettext_noop("지원하지 않는 소리 형식이에요"),
        gettext_noop("방송 프로그램의 오디오 인코더를 AAC로 바꿔 주세요."),
    ),
    "no_video": (
        "bad",
        False,
        gettext_noop("소리만 들어오고 영상이 없어요"),
        gettext_noop("방송 프로그램에서 카메라나 화면을 장면에 넣었는지 확인해 주세요."),
    ),
    "already_publishing": (
        "bad",
        False,
        gettext_noop("다른 프로그램이 이미 이 채널로 송출하고 있어요"),
        gettext_noop("먼저 켠 송출을 끄거나, 스트림 키를 새로 발급해 주세요."),
    ),
    "unreadable_stream": (
        "bad",
        False,
        gettext_noop("영상을 읽을 수 없어요"),
        gettext_noop("방송 프로그램을 껐다 켠 뒤 송출을 다시 시작해 주세요."),
    ),
    "unavailable": (
        "bad",
        False,
        gettext_noop("방송 서버가 잠시 바빠요"),
        gettext_noop("조금 뒤에 송출을 다시 시작해 주세요."),
    ),
    "stream_failed": (
        "bad",
        False,
        gettext_noop("송출이 중단됐어요"),
        gettext_noop("방송 프로그램에서 송출을 다시 시작해 주세요."),
    ),
    "starvation": (
        "bad",
        True,
        gettext_noop("영상이 끊겨서 들어오고 있어요"),
        gettext_noop("업로드 속도가 모자라요. 비트레이트를 2500kbps로 낮추거나 유선 인터넷을 써 주세요."),
    ),
    "keyframe_interval": (
        "warn",
        True,
        gettext_noop("키프레임 간격이 너무 길어요"),
        gettext_noop("방송 프로그램의 키프레임 간격을 2초로 맞춰 주세요. 지금은 시청자가 늦게 보게 돼요."),
    ),
    "bitrate_high": (
        "warn",
        False,
        gettext_noop("비트레이트가 너무 높아요"),
        gettext_noop("비트레이트를 6000kbps 이하로 낮춰 주세요. 휴대폰 시청자의 영상이 끊길 수 있어요."),
    ),
    "resolution_high": (
        "bad",
        False,
        gettext_noop("해상도가 너무 높아요"),
        gettext_noop("방송 프로그램의 출력 해상도를 1280×720 이하로 낮춘 뒤 송출을 다시 시작해 주세요."),
    ),
    "multitrack_refused": (
        "bad",
        False,
        gettext_noop("멀티트랙 비디오는 받을 수 없어요"),
        gettext_noop("방송 프로그램에서 멀티트랙 비디오를 끄고 송출을 다시 시작해 주세요."),
    ),
    "takeover_failed": (
        "warn",
        False,
        gettext_noop("다른 프로그램의 송출로 바꾸지 못했어요"),
        gettext_noop(
            "먼저 켠 송출을 끄고 다시 시작하거나, 두 프로그램의 해상도와 인코더를 똑같이 맞춰 주세요."
        ),
    ),
    "too_many_broadcasts": (
        "bad",
        False,
        gettext_noop("동시에 할 수 있는 방송 수가 다 찼어요"),
        gettext_noop("다른 방송이 끝난 뒤에 송출을 다시 시작해 주세요. 운영팀에도 알려졌어요."),
    ),
    "too_many_viewers": (
        "warn",
        False,
        gettext_noop("시청자가 한꺼번에 너무 많이 몰렸어요"),
        gettext_noop("새로 들어오는 시청자는 화면을 못 볼 수 있어요. 방송은 계속하셔도 괜찮아요."),
    ),
    "recording_failed": (
        "warn",
        True,
        gettext_noop("녹화가 되지 않고 있어요"),
        gettext_noop("방송은 계속 나가요. 다시보기가 만들어지지 않을 수 있어요."),
    ),
}


def standing_problems(health: Mapping[str, dict[str, Any]]) -> list[Problem]:
    """Return what still stands of a channel's health news ({code: {"at": ISO, "on": bool}}), bad ones first."""
    now = timezone.now()
    problems = []
    for code, (level, until_taken_back, title, advice) in WORDS.items():
        news = health.get(code)
        if not news or not news["on"]:
            continue
        if not until_taken_back and now - datetime.fromisoformat(news["at"]) > FADES_AFTER:
            continue
        problems.append(Problem(code, _(title), _(advice), level))
    return sorted(problems, key=lambda problem: problem.level != "bad")
