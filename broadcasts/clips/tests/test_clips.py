"""Clips of real recordings: cut without touching the picture where possible, made once, watched by everybody."""

import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from broadcasts.clips import actions, making, tasks
from broadcasts.clips.cutting import cut
from broadcasts.clips.models import Clip
from broadcasts.clips.playlist import best_variant, pieces_of
from broadcasts.models import Moderator
from broadcasts.streaming import streaming
from broadcasts.streaming.ivs import IvsStreaming
from broadcasts.tests.shows import record
from broadcasts.tests.test_ivs_streaming import BUCKET, PREFIX
from common.aws import aws_client
from common.errors import ProviderError, ProviderRefused
from media_pipeline.probing.probe import probe_video
from tests.makers import make_broadcast, make_member

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()


def ffmpeg(*arguments):
    command = [FFMPEG, "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, timeout=60, capture_output=True).stdout


def film(folder, *, seconds=16, size="160x90", kind="fmp4", name="media"):
    """Write an HLS recording with a keyframe, and a segment, every two seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    ffmpeg(
        *("-f", "lavfi", "-i", f"testsrc2=s={size}:r=15", "-f", "lavfi", "-i", "sine=440:r=48000"),
        *("-t", seconds, "-c:v", "libx264", "-preset", "ultrafast", "-g", 30, "-sc_threshold", 0),
        *("-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "32k", "-f", "hls", "-hls_time", 2),
        *("-hls_playlist_type", "vod", "-hls_segment_type", kind, "-master_pl_name", "master.m3u8"),
        *("-hls_fmp4_init_filename", f"{name}-init.mp4"),
        *("-hls_segment_filename", folder / f"{name}%03d.{'m4s' if kind == 'fmp4' else 'ts'}"),
        folder / f"{name}.m3u8",
    )
    return folder


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    return film(tmp_path_factory.mktemp("recording") / "hls").parent


def reader(root):
    def read(name, most_bytes):
        data = (root / name).read_bytes()
        if len(data) > most_bytes:
            raise ProviderRefused(name)
        return data

    return read


def pictures(path):
    """The picture's bytes as encoded, without the container."""
    return ffmpeg("-i", path, "-map", "0:v", "-c", "copy", "-f", "h264", "-")


class TestCutting:
    def test_the_picture_is_copied_from_the_keyframe_before(self, recorded, tmp_path):
        made = cut(reader(recorded), from_ms=4_500, to_ms=15_000, folder=tmp_path)
        assert made.start_ms == 4_000
        assert made.duration_ms == pytest.approx(11_000, abs=120)
        assert (made.width, made.height) == (160, 90)
        whole = pictures(recorded / "hls" / "media.m3u8")
        own = pictures(made.film)
        frames = own[own.index(b"\x00\x00\x01\x65") :]  # behind the parameter sets
        assert frames[:20_000] in whole
        facts = probe_video(str(made.film))
        assert (facts.codec, facts.audio_codec) == ("h264", "aac")
        assert made.poster.read_bytes().startswith(b"\xff\xd8")

    def test_only_the_pieces_needed_are_read(self, recorded, tmp_path):
        names = []
        read = reader(recorded)

        def noting(name, most_bytes):
            names.append(name)
            return read(name, most_bytes)

        cut(noting, from_ms=2_000, to_ms=12_000, folder=tmp_path)
        assert [name for name in names if name.endswith(".m4s")] == [
            f"hls/media{number:03d}.m4s" for number in range(1, 6)
        ]

    def test_transport_streams_too(self, tmp_path):
        film(tmp_path / "ivs" / "hls", kind="mpegts", seconds=12)
        made = cut(reader(tmp_path / "ivs"), from_ms=1_000, to_ms=11_500, folder=tmp_path)
        assert made.start_ms == 0
        assert made.duration_ms == pytest.approx(11_500, abs=200)

    def test_where_the_encoder_changed_it_is_encoded_anew(self, tmp_path):
        hls = film(tmp_path / "two" / "hls", seconds=8, name="lying")
        film(hls, seconds=8, size="90x160", name="standing")
        lists = [(hls / f"{name}.m3u8").read_text() for name in ("lying", "standing")]
        second = lists[1][lists[1].index("#EXT-X-MAP") :]
        joined = lists[0].replace("#EXT-X-ENDLIST\n", "") + "#EXT-X-DISCONTINUITY\n" + second
        (hls / "joined.m3u8").write_text(joined)
        (hls / "master.m3u8").write_text("#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\njoined.m3u8\n")
        made = cut(reader(hls.parent), from_ms=3_000, to_ms=13_500, folder=tmp_path)
        assert made.start_ms == 3_000
        assert made.duration_ms == pytest.approx(10_500, abs=150)
        assert (made.width, made.height) == (160, 90)
        assert probe_video(str(made.film)).audio_codec == "aac"

    def test_too_many_bytes_are_refused(self, recorded, tmp_path, monkeypatch):
        monkeypatch.setattr("broadcasts.clips.cutting.MOST_BYTES", 1000)
        with pytest.raises(ProviderRefused):
            cut(reader(recorded), from_ms=0, to_ms=10_000, folder=tmp_path)


class TestPlaylists:
    def test_the_best_variant(self):
        master = (
            '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=100,CODECS="a,b"\n160p/playlist.m3u8\n'
            "#EXT-X-STREAM-INF:AVERAGE-BANDWIDTH=9,BANDWIDTH=200\n720p/playlist.m3u8\n"
        )
        assert best_variant(master, at="hls/master.m3u8") == "hls/720p/playlist.m3u8"

    @pytest.mark.parametrize(
        "uri", ["../../../etc/passwd", "/etc/passwd", "https://evil.example/a.ts", "file:///etc/passwd"]
    )
    def test_what_leads_elsewhere_is_refused(self, uri):
        with pytest.raises(ProviderRefused):
            pieces_of(f"#EXTM3U\n#EXTINF:2,\n{uri}\n", at="hls/media.m3u8")

    @pytest.mark.parametrize("text", ["", "#EXTM3U\n#EXT-X-ENDLIST\n"])
    def test_what_is_no_playlist_is_refused(self, text):
        with pytest.raises(ProviderRefused):
            best_variant(text, at="m")
        with pytest.raises(ProviderRefused):
            pieces_of(text, at="m")

    def test_lengths_add_up_without_drifting(self):
        media = "#EXTM3U\n" + "".join(f"#EXTINF:1.0666,\n{number}.ts\n" for number in range(3000))
        assert pieces_of(media, at="m")[-1].start_ms == round(2999 * 1066.6)


@pytest.fixture
def media_root(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    return settings.MEDIA_ROOT


@pytest.fixture
def seller():
    return make_member()


@pytest.fixture
def show(seller, recorded, media_root):
    """Ended, with a recording of sixteen seconds that plays."""
    show = make_broadcast(seller, status="live", started_at=timezone.now())
    recording = record(show, seconds=16)
    folder = Path(streaming().recordings_root.parent, recording.storage_key)
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "media").exists():
        (folder / "media").symlink_to(recorded)
    return show


@pytest.fixture
def queued(monkeypatch, django_capture_on_commit_callbacks):
    """What was handed to Celery: (task, arguments)."""
    calls = []
    for task in (tasks.cut_clip, tasks.delete_clip_files):
        monkeypatch.setattr(task, "delay", lambda *given, task=task: calls.append((task.name, given)))
    return calls


def ask(show, from_ms=4_500, to_ms=15_000, title="클립"):
    return actions.make_clip(show, show.recordings.get(), from_ms=from_ms, to_ms=to_ms, title=title)


@pytest.mark.django_db
class TestMaking:
    @pytest.fixture(autouse=True)
    def read_the_recording(self, monkeypatch, recorded):
        """Links out of the recordings' folder are refused, rightly: read beside the adapter here."""
        monkeypatch.setattr(
            type(streaming()),
            "read_recording",
            lambda self, key, name, *, most_bytes: reader(recorded)(name, most_bytes),
        )

    def test_a_clip_becomes_a_film_with_a_picture(self, show):
        clip = ask(show)
        making.cut_clip(clip.pk)
        clip.refresh_from_db()
        assert (clip.status, clip.start_ms, clip.early) == ("ready", 4_000, 0.5)
        assert clip.size == default_storage.size(clip.storage_key) > 10_000
        assert default_storage.exists(clip.poster_key)
        assert clip.url.endswith(".mp4")

    def test_twice_is_once(self, show):
        clip = ask(show)
        making.cut_clip(clip.pk)
        clip.refresh_from_db()
        making.cut_clip(clip.pk)
        assert Clip.objects.get().storage_key == clip.storage_key
        assert len(default_storage.listdir("previews/clips")[1]) == 2

    def test_deleted_meanwhile_it_leaves_nothing_behind(self, show, monkeypatch):
        clip = ask(show)
        cutting = making.cut

        def deleting(*given, **named):
            Clip.objects.all().delete()
            return cutting(*given, **named)

        monkeypatch.setattr(making, "cut", deleting)
        making.cut_clip(clip.pk)
        assert default_storage.listdir("previews/clips")[1] == []

    def test_what_cannot_be_cut_fails_for_good(self, show, monkeypatch):
        clip = ask(show)

        def refuse(*given, **named):
            raise ProviderRefused("gone")

        monkeypatch.setattr(making, "cut", refuse)
        making.cut_clip(clip.pk)
        clip.refresh_from_db()
        assert (clip.status, clip.problem) == ("failed", "gone")

    def test_storage_that_is_away_is_asked_again_then_given_up(self, show, monkeypatch):
        clip = ask(show)

        def away(*given, **named):
            raise ProviderError("away")

        monkeypatch.setattr(making, "cut", away)
        done = tasks.cut_clip.apply([clip.pk], throw=False)
        clip.refresh_from_db()
        assert done.successful()
        assert (clip.status, clip.problem) == ("failed", "away")

    def test_a_deleted_clip_takes_its_files_along(self, show, queued, django_capture_on_commit_callbacks):
        clip = ask(show)
        making.cut_clip(clip.pk)
        clip.refresh_from_db()
        keys = [clip.storage_key, clip.poster_key]
        with django_capture_on_commit_callbacks(execute=True):
            actions.delete_clip(clip)
        assert queued == [("broadcasts.delete_clip_files", (keys,))]
        tasks.delete_clip_files(keys)
        tasks.delete_clip_files(keys)
        assert not default_storage.exists(keys[0])


@pytest.mark.django_db
class TestAsking:
    @pytest.mark.parametrize(
        ("from_ms", "to_ms"), [(0, 9_999), (0, 120_001), (5_000, 5_000), (8_000, 18_000)]
    )
    def test_lengths_that_cannot_be(self, show, from_ms, to_ms):
        with pytest.raises(actions.BadLength):
            ask(show, from_ms, to_ms)
        assert not Clip.objects.exists()

    def test_a_double_click_makes_one(self, show, queued, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            assert ask(show) == ask(show)
        assert queued == [("broadcasts.cut_clip", (Clip.objects.get().pk,))]

    def test_what_failed_may_be_tried_again(self, show):
        first = ask(show)
        making.give_up(first.pk, "gone")
        assert ask(show) != first

    def test_there_is_an_end(self, show, monkeypatch):
        monkeypatch.setattr(actions, "MOST", 1)
        ask(show)
        with pytest.raises(actions.TooManyClips):
            ask(show, 0, 10_000)


def ready(show, **fields):
    values = {
        "status": "ready",
        "storage_key": "previews/clips/a.mp4",
        "poster_key": "previews/clips/a.jpg",
        "start_ms": 4_000,
        "duration_ms": 11_000,
        "width": 160,
        "height": 90,
        "size": 123_456,
    } | fields
    clip = ask(show)
    Clip.objects.filter(pk=clip.pk).update(**values)
    clip.refresh_from_db()
    return clip


@pytest.mark.django_db
class TestPages:
    def make(self, client, show, **changes):
        values = {"part": 1, "start": "0:02", "end": "0:13.5", "title": " 세탁   이야기 "} | changes
        return client.post(reverse("broadcasts:make_clip", args=[show.code]), values, follow=True)

    def test_the_seller_cuts(self, client, seller, show):
        client.force_login(seller)
        response = self.make(client, show)
        clip = Clip.objects.get()
        assert (clip.title, clip.asked_from_ms, clip.asked_to_ms) == ("세탁 이야기", 2_000, 13_500)
        page = response.content.decode()
        assert "클립을 만들고 있어요" in page
        assert 'hx-trigger="every 2s"' in page  # until it is made

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"end": "0:05"}, "10초부터 120초까지"),
            ({"end": "15"}, "1:23처럼"),
            ({"title": ""}, "필수"),
            ({"part": 2}, "없는 부분"),
        ],
    )
    def test_mistakes_are_explained(self, client, seller, show, changes, sentence):
        client.force_login(seller)
        assert sentence in self.make(client, show, **changes).content.decode()
        assert not Clip.objects.exists()

    def test_not_too_often(self, client, seller, show, monkeypatch):
        monkeypatch.setattr("broadcasts.clips.views.CUTS_PER_HOUR", 1)
        client.force_login(seller)
        self.make(client, show)
        assert "너무 자주" in self.make(client, show, end="0:14").content.decode()

    def test_what_is_made_says_where_it_really_begins(self, client, seller, show):
        ready(show)
        client.force_login(seller)
        page = client.get(reverse("broadcasts:clip_list", args=[show.code])).content.decode()
        assert "0.5초 일찍" in page
        assert "hx-trigger" not in page

    def test_everybody_watches_a_ready_one(self, client, show):
        clip = ready(show)
        page = client.get(reverse("broadcasts:clip", args=[clip.code])).content.decode()
        site = django_settings.SITE_URL
        assert f'<meta property="og:video" content="{site}{clip.url}">' in page
        assert f'<meta property="og:image" content="{site}{clip.poster_url}">' in page
        assert f"{reverse('broadcasts:watch', args=[show.code])}?part=1&amp;t=4" in page

    @pytest.mark.parametrize("status", ["waiting", "failed"])
    def test_and_no_other(self, client, show, status):
        clip = ready(show, status=status)
        assert client.get(reverse("broadcasts:clip", args=[clip.code])).status_code == 404

    def test_a_moderator_may_not(self, client, show):
        clip, moderator = ready(show), make_member()
        Moderator.objects.create(channel=show.channel, member=moderator)
        client.force_login(moderator)
        assert self.make(client, show).status_code == 403
        delete = reverse("broadcasts:delete_clip", args=[show.code, clip.code])
        assert client.post(delete).status_code == 403
        assert Clip.objects.count() == 1

    def test_the_seller_deletes(self, client, seller, show):
        clip = ready(show)
        client.force_login(seller)
        client.post(reverse("broadcasts:delete_clip", args=[show.code, clip.code]))
        assert not Clip.objects.exists()

    def test_a_show_of_ones_own_gives_no_hold_on_anothers_clip(self, client, show):
        clip, other = ready(show), make_member()
        own = make_broadcast(other, status="live", started_at=timezone.now())
        record(own)
        client.force_login(other)
        delete = reverse("broadcasts:delete_clip", args=[own.code, clip.code])
        assert client.post(delete).status_code == 404


class TestReading:
    def test_a_recording_at_amazon(self, moto_aws, settings, recorded, tmp_path):
        settings.IVS_RECORDINGS_BUCKET = BUCKET
        settings.IVS_RECORDINGS_BASE_URL = "https://replay.example.com"
        s3 = aws_client("s3")
        s3.create_bucket(Bucket=BUCKET)
        for file in (recorded / "hls").iterdir():
            s3.put_object(Bucket=BUCKET, Key=f"{PREFIX}/media/hls/{file.name}", Body=file.read_bytes())
        adapter = IvsStreaming()

        def read(name, most_bytes):
            return adapter.read_recording(PREFIX, name, most_bytes=most_bytes)

        assert cut(read, from_ms=0, to_ms=10_000, folder=tmp_path).duration_ms == pytest.approx(
            10_000, abs=120
        )
        for name, most in [("hls/none.ts", 10), ("../../x", 10), ("hls/media.m3u8", 10)]:
            with pytest.raises(ProviderRefused):
                read(name, most)

    def test_a_recording_here(self, tmp_path):
        adapter = type(streaming())(
            ingest_url="",
            playback_base_url="",
            control_url="",
            control_secret="",
            recordings_root=str(tmp_path / "recordings"),
        )
        file = tmp_path / "recordings" / "p" / "s" / "media" / "hls" / "media.m3u8"
        file.parent.mkdir(parents=True)
        file.write_text("#EXTM3U")
        (tmp_path / "secret").write_text("x")
        key = "recordings/p/s"
        assert adapter.read_recording(key, "hls/media.m3u8", most_bytes=7) == b"#EXTM3U"
        for where, name, most in [
            (key, "hls/media.m3u8", 6),
            (key, "hls/none", 9),
            (key, "../../../../secret", 9),
            ("..", "secret", 9),
            ("recordings", "p", 9),
        ]:
            with pytest.raises(ProviderRefused):
                adapter.read_recording(where, name, most_bytes=most)
