"""Where a moment is in a recording whose encoder could not keep up."""

from datetime import timedelta
from pathlib import Path

import pytest

from broadcasts import tasks
from broadcasts.chapters import actions
from broadcasts.chapters.listing import chapters_of
from broadcasts.clips.playlist import pieces_of
from broadcasts.ingest import packager as packager_module
from broadcasts.ingest import playlist
from broadcasts.ingest.codecs import VideoConfig
from broadcasts.ingest.config import Config
from broadcasts.ingest.packager import Packager
from broadcasts.models import StreamSession
from broadcasts.recordings import note_recording
from broadcasts.replay import Place, read_replay
from broadcasts.streaming import streaming
from broadcasts.tests.shows import START, record
from broadcasts.timeline import MOST_KNOTS, knots_of_pieces, knots_of_streams, moment_of, position_of
from broadcasts.timeline_reading import read_timeline
from common.errors import ProviderError
from tests.makers import make_broadcast, make_member

LEAD_S, LAG = 10, 1.25
"""The encoder ran so long before the show; it takes so much longer than what it shows."""
MEDIA_MS = 60_000
PRECISION_MS = 1_600
"""The ingest corrects its dates at the first segment that is more than a second off."""
PICTURE = VideoConfig(b"\x01\x64\x00\x1f\xff\xe0\x00", "avc1.64001f", 1280, 720, 30.0)
BEGIN = START.timestamp() * 1000


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def playlist_of(*pieces: tuple[str, float]) -> str:
    """Each piece: what stands before it, and how long it is in seconds."""
    return "#EXTM3U\n" + "".join(
        f"{before}#EXTINF:{length},\n{number}.ts\n" for number, (before, length) in enumerate(pieces)
    )


def dated(second: float) -> str:
    return f"#EXT-X-PROGRAM-DATE-TIME:{(START + seconds(second)).isoformat(timespec='milliseconds')}\n"


def knots(*pieces: tuple[str, float]) -> list[tuple[int, int]]:
    """The timeline of a playlist, counted from START."""
    found = knots_of_pieces(pieces_of(playlist_of(*pieces), at="hls/media.m3u8"))
    return [(round(moment - BEGIN), position) for moment, position in found]


class TestKnots:
    def test_a_steady_recording_has_one(self):
        assert knots((dated(0), 2), (dated(2.05), 2), ("", 2), (dated(6), 2)) == [(0, 0)]

    def test_each_jump_of_the_clock_makes_one(self):
        assert knots((dated(0), 2), (dated(2), 2), (dated(5.5), 2), (dated(60), 2)) == [
            (0, 0),
            (5_500, 4_000),
            (60_000, 6_000),
        ]

    def test_a_clock_that_was_set_back_is_not_followed(self):
        assert knots((dated(0), 2), (dated(-30), 2), (dated(4), 2)) == [(0, 0)]

    @pytest.mark.parametrize(
        "date", ["", "#EXT-X-PROGRAM-DATE-TIME:soon\n", "#EXT-X-PROGRAM-DATE-TIME:2026-11-21T20:00:00\n"]
    )
    def test_without_a_date_at_its_beginning_nothing_is_known(self, date):
        assert knots((date, 2), (dated(2), 2)) == []

    def test_a_date_may_follow_the_length(self):
        text = playlist_of((dated(0), 2)) + f"#EXTINF:2,\n{dated(9)}last.ts\n"
        assert len(knots_of_pieces(pieces_of(text, at="hls/media.m3u8"))) == 2

    def test_there_are_never_very_many(self):
        pieces = [(dated(number * 2.5), 2) for number in range(3 * MOST_KNOTS)]
        found = knots(*pieces)
        assert MOST_KNOTS / 2 < len(found) <= MOST_KNOTS
        moment, position = found[-1]
        assert abs(moment / 2.5 - position / 2) < 2_000

    def test_of_streams_one_of_which_nobody_saw_the_end_of(self):
        spans = [(START, None), (START + seconds(100), START + seconds(160)), (START + seconds(200), None)]
        assert [(moment - BEGIN, position) for moment, position in knots_of_streams(spans)] == [
            (0, 0),
            (100_000, 100_000),
            (200_000, 160_000),
        ]


def test_between_two_knots_the_recording_runs_with_the_clock_until_the_next_begins():
    timeline = [(int(BEGIN), 0), (int(BEGIN) + 5_500, 4_000)]
    places = [(-1, 0), (0, 0), (3.9, 3_900), (5, 4_000), (5.5, 4_000), (7, 5_500)]
    assert [position_of(timeline, START + seconds(at)) for at, _ in places] == [ms for _, ms in places]
    moments = [(0, 0), (3_900, 3.9), (4_000, 4), (4_001, 5.501), (5_500, 7)]
    assert [moment_of(timeline, ms) for ms, _ in moments] == [START + seconds(at) for _, at in moments]


class Segments:
    """What a packager puts out."""

    def __init__(self):
        self.all = []

    def segment_begun(self, segment):
        self.all.append(segment)

    def part_added(self, segment, part):
        pass

    def segment_ended(self, segment):
        pass


@pytest.fixture
def lagging(monkeypatch) -> str:
    """The playlist that our ingest makes of an encoder whose timestamps lag: a minute in 75 seconds."""
    now = [0.0]
    monkeypatch.setattr(packager_module.time, "time", lambda: now[0])
    segments = Segments()
    packager = Packager(segments, Config(recordings=Path("unused")), epoch="epoch")
    packager.configure(PICTURE, None)
    for frame in range(MEDIA_MS * 30 // 1000):
        now[0] = START.timestamp() - LEAD_S + frame / 30 * LAG
        packager.video(round(frame * 1000 / 30), 0, frame % 60 == 0, memoryview(b"\x00\x00\x00\x01\x65"))
    packager.flush()
    return playlist.video_on_demand(
        [
            playlist.Recorded(item.name, "init.mp4", item.duration_ms, item.wall_time, item.discontinuity)
            for item in segments.all
        ]
    )


@pytest.fixture
def show(db):
    return make_broadcast(make_member(), status="live", started_at=START)


@pytest.fixture
def recorded(show):
    """The show's recording; `write` gives it a playlist."""
    recording = record(show, lead_seconds=LEAD_S, seconds=int(MEDIA_MS / 1000 * LAG) - LEAD_S)
    recording.duration_ms = MEDIA_MS
    recording.save()
    yield recording
    streaming().delete_recording(recording.storage_key)


def write(recording, media: str) -> None:
    folder = streaming().recordings_root.parent / recording.storage_key / "media" / "hls"
    folder.mkdir(parents=True)
    (folder / "master.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nmedia.m3u8\n")
    (folder / "media.m3u8").write_text(media)


@pytest.mark.parametrize("second", [0, 1, 20, 40, 60])
def test_a_moment_is_where_the_picture_shows_it(show, recorded, lagging, second):
    write(recorded, lagging)
    before = read_replay(show).place_of(START + seconds(second))
    read_timeline(recorded.pk)
    recorded.refresh_from_db()
    assert recorded.starts_at_ms == pytest.approx(LEAD_S * 1000 / LAG, abs=PRECISION_MS)
    replay = read_replay(show)
    place = replay.place_of(START + seconds(second))
    assert place.ms + recorded.starts_at_ms == pytest.approx((LEAD_S + second) * 1000 / LAG, abs=PRECISION_MS)
    assert abs(replay.moment_of(place) - START - seconds(second)) <= timedelta(milliseconds=PRECISION_MS)
    if second >= 20:
        assert before.ms > place.ms + PRECISION_MS  # the streams' events alone say too late


def test_chapters_follow(show, recorded, lagging):
    write(recorded, lagging)
    read_timeline(recorded.pk)
    show.refresh_from_db()
    actions.add_chapter(show, at=START + seconds(40), title="색상")
    place = chapters_of(show)[0].place
    assert place.ms == pytest.approx(40_000 / LAG, abs=2 * PRECISION_MS)


@pytest.mark.parametrize("media", [playlist_of(("", 30), ("", 30)), "#EXTM3U\n", None])
def test_where_the_playlist_says_nothing_the_streams_events_do(show, recorded, media):
    if media is not None:
        write(recorded, media)
    read_timeline(recorded.pk)
    recorded.refresh_from_db()
    assert (recorded.timeline, recorded.starts_at_ms) == (None, LEAD_S * 1000)
    assert read_replay(show).place_of(START + seconds(20)) == Place(part=1, ms=20_000)


def test_without_any_stream_known_the_recordings_own_beginning_counts(show, recorded):
    StreamSession.objects.all().delete()
    assert read_replay(show).place_of(START + seconds(20)) == Place(part=1, ms=20_000)


def test_it_is_read_when_the_recording_has_ended(
    show, recorded, lagging, django_capture_on_commit_callbacks, monkeypatch
):
    asked = []
    monkeypatch.setattr(tasks.read_timeline, "delay", asked.append)
    for status in ("recording", "ready"):
        with django_capture_on_commit_callbacks(execute=True):
            note_recording(
                show.channel,
                session_id="another",
                status=status,
                at=START,
                bucket="local",
                storage_key="recordings/x/another",
                duration_ms=0,
                stream_ids=["st-another"],
            )
    assert asked == [show.channel.recordings.get(session_id="another").pk]


def test_a_provider_that_does_not_answer_is_asked_again(recorded, monkeypatch):
    def fail(*args, **options):
        raise ProviderError("away")

    monkeypatch.setattr(type(streaming()), "read_recording", fail)
    with pytest.raises(ProviderError):
        read_timeline(recorded.pk)
    recorded.refresh_from_db()
    assert recorded.timeline is None
