"""What every live-streaming adapter must do; each adapter's class runs all of it."""

import json
import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from broadcasts.models import LocalChannel
from broadcasts.streaming import local
from broadcasts.streaming.base import LiveStreaming
from broadcasts.streaming.local import LocalStreaming
from common.errors import ProviderError, ProviderRefused

REF = "local:p1"
STREAM = {"ref": REF, "stream_id": "st-1", "started_at": "2026-01-01T00:00:00Z", "width": 1280, "height": 720}


class StreamingContract:
    """Subclasses give `adapter`, an adapter whose provider works, and `on_air`, (ref, id) of its only stream."""

    def test_the_same_name_is_the_same_channel(self, adapter: LiveStreaming) -> None:
        first, again = adapter.create_channel("member-a"), adapter.create_channel("member-a")
        assert first == again
        assert first.stream_key == again.stream_key

    def test_channels_share_nothing(self, adapter: LiveStreaming) -> None:
        one, other = adapter.create_channel("member-a"), adapter.create_channel("member-b")
        for name in ("ref", "stream_key", "playback_url"):
            assert getattr(one, name) != getattr(other, name)

    def test_the_key_is_in_no_address_and_no_repr(self, adapter: LiveStreaming) -> None:
        made = adapter.create_channel("member-a")
        assert made.stream_key
        assert made.stream_key not in f"{made!r} {made.playback_url} {made.picture_url} {made.ingest_url}"

    def test_rotating_gives_another_key(self, adapter: LiveStreaming) -> None:
        made = adapter.create_channel("member-a")
        key = adapter.rotate_key(made.ref)
        assert key != made.stream_key
        assert adapter.create_channel("member-a").stream_key == key

    def test_a_channel_that_is_not_there_is_refused(self, adapter: LiveStreaming) -> None:
        with pytest.raises(ProviderRefused):
            adapter.rotate_key("nobody")

    def test_dropping_nobody_is_harmless(self, adapter: LiveStreaming) -> None:
        ref = adapter.create_channel("member-a").ref
        assert adapter.disconnect(ref) is None
        assert adapter.stop(ref) is None

    def test_what_is_on_is_told_in_our_words(self, adapter: LiveStreaming, on_air: tuple[str, str]) -> None:
        (stream,) = adapter.live_streams()
        assert (stream.ref, stream.stream_id, stream.fps) == (*on_air, None)
        assert stream.started_at.tzinfo is not None

    def test_foreign_recordings_are_refused(self, adapter: LiveStreaming) -> None:
        with pytest.raises(ProviderRefused):
            adapter.recording_addresses("somebody-elses-bucket", "recordings/p/s")

    @pytest.mark.parametrize("key", ["", "recordings", "recordings/../secrets", "..", "/etc", "ivs/v1"])
    def test_only_recordings_are_deleted(self, adapter: LiveStreaming, key: str) -> None:
        with pytest.raises(ProviderRefused):
            adapter.delete_recording(key)

    def test_a_deleted_channel_is_gone_and_its_name_free(self, adapter: LiveStreaming) -> None:
        made = adapter.create_channel("member-a")
        adapter.delete_channel(made.ref)
        adapter.delete_channel(made.ref)
        with pytest.raises(ProviderRefused):
            adapter.rotate_key(made.ref)
        again = adapter.create_channel("member-a")
        assert again.ref != made.ref
        assert again.stream_key != made.stream_key

    def test_a_playback_address_leads_to_the_same_picture(self, adapter: LiveStreaming) -> None:
        made = adapter.create_channel("member-a")
        assert adapter.playback_address(made.ref, made.playback_url).partition("?")[0] == made.playback_url
        assert adapter.playback_address(made.ref, "") == ""

    def test_metadata_for_nobody_is_harmless(self, adapter: LiveStreaming) -> None:
        ref = adapter.create_channel("member-a").ref
        assert adapter.send_metadata(ref, '{"pin":null,"v":1}') is None


class Control(BaseHTTPRequestHandler):
    """The control addresses of the ingest process, as `broadcasts.ingest.control` answers."""

    answer: tuple[int, str] = (200, "{}")
    asked: list[tuple[str, str, str | None]] = []

    def do_GET(self) -> None:
        self.asked.append((self.command, self.path, self.headers["Authorization"]))
        status, body = self.answer
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body.encode())

    do_POST = do_GET  # noqa: N815 the base class's name

    def log_message(self, *args: object) -> None:
        pass


@pytest.mark.django_db
class TestLocalStreaming(StreamingContract):
    @pytest.fixture
    def control(self) -> Iterator[type[Control]]:
        handler = type(
            "Handler", (Control,), {"answer": (200, json.dumps({"streams": [STREAM]})), "asked": []}
        )
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = Thread(target=server.serve_forever)
        thread.start()
        handler.url = f"http://127.0.0.1:{server.server_port}"  # type: ignore[attr-defined]
        yield handler
        server.shutdown()
        server.server_close()
        thread.join()

    @pytest.fixture
    def adapter(self, control, tmp_path) -> LocalStreaming:
        return self.reaching(control.url, tmp_path)

    @pytest.fixture
    def on_air(self) -> tuple[str, str]:
        return REF, "st-1"

    def reaching(self, control_url, tmp_path) -> LocalStreaming:
        return LocalStreaming(
            ingest_url="rtmp://localhost/live",
            playback_base_url="https://video.example.com",
            control_url=control_url,
            control_secret="s3cret",
            recordings_root=str(tmp_path / "recordings"),
        )

    def test_the_old_key_opens_nothing_any_more(self, adapter) -> None:
        made = adapter.create_channel("member-a")
        adapter.rotate_key(made.ref)
        assert LocalChannel.objects.by_stream_key(made.stream_key) is None

    def test_the_picture_is_described(self, adapter) -> None:
        (stream,) = adapter.live_streams()
        assert (stream.width, stream.height, stream.viewers) == (1280, 720, None)

    def test_deleting_a_channel_drops_its_publisher_after_its_key(self, adapter, control) -> None:
        made = adapter.create_channel("member-a")
        adapter.delete_channel(made.ref)
        assert LocalChannel.objects.by_stream_key(made.stream_key) is None
        assert [path for _, path, _ in control.asked] == [f"/control/channels/{made.ref}/stop"]

    def test_the_ingest_is_asked_with_the_secret(self, adapter, control) -> None:
        adapter.stop(REF)
        assert control.asked == [("POST", f"/control/channels/{REF}/stop", "Bearer s3cret")]

    def test_an_ingest_that_does_not_run_carries_no_stream(self, tmp_path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{probe.getsockname()[1]}"
        adapter = self.reaching(url, tmp_path)
        assert adapter.live_streams() == []
        adapter.stop(REF)

    def test_an_ingest_that_does_not_answer_is_an_error(self, tmp_path, monkeypatch) -> None:
        monkeypatch.setattr(local, "TIMEOUT_SECONDS", 0.2)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            adapter = self.reaching(f"http://127.0.0.1:{silent.getsockname()[1]}", tmp_path)
            with pytest.raises(ProviderError) as failure:
                adapter.live_streams()
        assert not isinstance(failure.value, ProviderRefused)

    @pytest.mark.parametrize(("status", "error"), [(503, ProviderError), (401, ProviderRefused)])
    def test_what_the_ingest_answers_becomes_our_error(self, adapter, control, status, error) -> None:
        control.answer = (status, "{}")
        with pytest.raises(error) as failure:
            adapter.live_streams()
        assert type(failure.value) is error
        assert "s3cret" not in str(failure.value)

    def test_a_recording_is_deleted_and_nothing_beside_it(self, adapter, tmp_path) -> None:
        for session in ("s1", "s2"):
            folder = tmp_path / "recordings" / "p" / session
            folder.mkdir(parents=True)
            (folder / "a.m4s").write_bytes(b"x")
        adapter.delete_recording("recordings/p/s1")
        assert [path.name for path in (tmp_path / "recordings" / "p").iterdir()] == ["s2"]
