"""Bytes on their way into this machine: what is refused, slow and dying clients, a disk that is full."""

import asyncio
import errno
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import httpx
import pytest

from media_pipeline.uploading import local_files, receiver
from media_pipeline.uploading.base import PartsMissing
from media_pipeline.uploading.local import LocalUploads

KEY = "sources/abc/0123456789"
TYPE = "video/mp4"
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def root(settings, tmp_path: Path) -> Path:
    settings.UPLOADS_ROOT = tmp_path
    return tmp_path


def files(root: Path) -> list[str]:
    """What lies there, marks of whole parts included."""
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())


async def ask(method: str, url: str, body: AsyncIterator[bytes] | bytes, **headers: str) -> httpx.Response:
    """Send one request to the receiver in this process."""

    async def beyond(scope: object, receive: object, send: object) -> None:
        raise AssertionError("the request went past the receiver")

    transport = httpx.ASGITransport(receiver.with_receiver(beyond))
    async with httpx.AsyncClient(transport=transport, base_url="http://site.example") as client:
        return await client.request(method, url, content=body, headers=headers)


async def status_of(
    method: str,
    url: str,
    receive: Callable[[], Awaitable[dict[str, object]]],
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> int | None:
    """Give the receiver one request whose messages come from `receive`; None if it answers nothing."""
    sent: list[dict[str, object]] = []

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    path, _, query = url.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": headers,
    }
    await receiver.answer(scope, receive, send)
    return sent[0]["status"] if sent else None


def part_url(uploads: LocalUploads, size: int, number: int = 1) -> str:
    ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=size)
    return uploads.grant_part(KEY, ref, number=number, size=size).url


def form_url(uploads: LocalUploads, size: int) -> str:
    return uploads.grant_form(KEY, size=size, content_type=TYPE).url


async def unread() -> dict[str, object]:
    raise AssertionError("the body was read")


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("method", "path", "status"),
        [
            ("GET", "part", 405),
            ("POST", "part", 405),
            ("PUT", "form", 405),
            ("PUT", "other", 404),
            ("PUT", "part", 403),
            ("PUT", "part?grant=made-up", 403),
            ("POST", "form", 403),
            ("POST", "form?grant=made-up", 403),
        ],
    )
    async def test_strange_requests(self, method: str, path: str, status: int, root: Path) -> None:
        response = await ask(method, f"/uploads/receive/{path}", b"hello")
        assert response.status_code == status
        assert response.headers["content-type"] == "text/plain; charset=utf-8"
        assert response.text.endswith("요.")
        assert files(root) == []

    @pytest.mark.parametrize(
        "content_type", ["multipart/form-data; boundary=b", "multipart/form-data", "text/html", ""]
    )
    async def test_a_body_that_is_no_form(self, content_type: str, root: Path) -> None:
        headers = {"Content-Type": content_type}
        response = await ask("POST", form_url(LocalUploads(), 1000), b"\x00" * 1000, **headers)
        assert response.status_code in (400, 403)
        assert files(root) == []

    async def test_a_form_with_more_fields_than_any_page_sends(self) -> None:
        body = b"".join(
            b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\nx\r\n' % number
            for number in range(1001)
        )
        headers = {"Content-Type": "multipart/form-data; boundary=b"}
        response = await ask("POST", form_url(LocalUploads(), MIB), body + b"--b--\r\n", **headers)
        assert response.status_code == 400

    @pytest.mark.parametrize(("method", "kind"), [("POST", "form"), ("PUT", "part")])
    async def test_without_leave_nothing_is_read(self, method: str, kind: str) -> None:
        assert await status_of(method, f"/uploads/receive/{kind}", unread) == 403

    async def test_where_another_storage_is_used_nothing_is_taken(self, settings) -> None:
        url = part_url(LocalUploads(), 5)
        settings.UPLOADS = {"default": {"BACKEND": "media_pipeline.uploading.s3.S3Uploads"}}
        assert (await ask("PUT", url, b"hello")).status_code == 404


class TestSizes:
    @pytest.mark.parametrize(("length", "status"), [("6", 413), ("4", 400)])
    async def test_another_content_length_is_refused_unread(self, length: str, status: int) -> None:
        headers = [(b"content-length", length.encode())]
        assert await status_of("PUT", part_url(LocalUploads(), 5), unread, headers) == status

    async def test_a_form_that_announces_more_than_granted_is_refused_unread(self) -> None:
        headers = [(b"content-length", str(5 + receiver.FORM_EXTRA_BYTES + 1).encode())]
        assert await status_of("POST", form_url(LocalUploads(), 5), unread, headers) == 413

    async def test_a_form_without_length_is_read_as_far_as_granted(self) -> None:
        brought = 0

        async def receive() -> dict[str, object]:
            nonlocal brought
            brought += 10_000
            return {"type": "http.request", "body": b"x" * 10_000, "more_body": True}

        assert await status_of("POST", form_url(LocalUploads(), 5), receive) == 413
        assert brought <= receiver.FORM_EXTRA_BYTES + 10_000

    @pytest.mark.parametrize(("size", "status"), [(5, 204), (4, 400), (6, 413), (3 * MIB, 413)])
    async def test_a_body_without_length_is_counted(self, size: int, status: int, root: Path) -> None:
        async def body() -> AsyncIterator[bytes]:
            for start in range(0, size, 100_000):
                yield b"x" * min(100_000, size - start)

        uploads = LocalUploads()
        assert (await ask("PUT", part_url(uploads, 5), body())).status_code == status
        assert uploads.received_parts(KEY, "5") == ({1: 5} if status == 204 else {})
        assert not [name for name in files(root) if "incoming" in name]


class TestBadDays:
    async def test_a_client_that_stalls_is_let_go(self, monkeypatch, root: Path) -> None:
        monkeypatch.setattr(receiver, "STALLED_SECONDS", 0.05)

        uploads = LocalUploads()
        messages = [{"type": "http.request", "body": b"he", "more_body": True}]

        async def receive() -> dict[str, object]:
            return messages.pop() if messages else await asyncio.Future()

        assert await status_of("PUT", part_url(uploads, 5), receive) == 408
        assert uploads.received_parts(KEY, "5") == {}
        assert not [name for name in files(root) if "incoming" in name]

    @pytest.mark.parametrize("url", [part_url, form_url])
    async def test_a_client_that_trickles_is_let_go_too(self, url, monkeypatch, root: Path) -> None:
        monkeypatch.setattr(receiver, "REQUEST_SECONDS", 0.1)

        async def receive() -> dict[str, object]:
            await asyncio.sleep(0.01)
            return {"type": "http.request", "body": b"x", "more_body": True}

        method = "PUT" if url is part_url else "POST"
        assert await status_of(method, url(LocalUploads(), MIB), receive) == 408
        assert not [name for name in files(root) if "incoming" in name]

    async def test_a_client_that_hangs_up_hears_nothing_and_leaves_nothing(self, root: Path) -> None:
        uploads = LocalUploads()
        messages = [{"type": "http.disconnect"}, {"type": "http.request", "body": b"he", "more_body": True}]

        async def receive() -> dict[str, object]:
            return messages.pop()

        assert await status_of("PUT", part_url(uploads, 5), receive) is None
        assert uploads.received_parts(KEY, "5") == {}
        assert not [name for name in files(root) if "incoming" in name]

    async def test_cancelling_ends_what_is_on_its_way(self, root: Path) -> None:
        uploads = LocalUploads()
        url = part_url(uploads, 5)

        async def body() -> AsyncIterator[bytes]:
            yield b"he"
            uploads.abort_parts(KEY, "5")
            uploads.delete(KEY)
            yield b"llo"

        assert (await ask("PUT", url, body())).status_code == 403
        assert files(root) == []

    async def test_a_form_that_comes_while_its_file_is_deleted_is_refused(self, monkeypatch) -> None:
        uploads = LocalUploads()
        grant = uploads.grant_form(KEY, size=5, content_type=TYPE)
        sync = os.fsync

        def delete_first(descriptor: int) -> None:
            uploads.delete(KEY)
            sync(descriptor)

        monkeypatch.setattr(local_files.os, "fsync", delete_first)
        form = httpx.Request("POST", "http://x", data=grant.fields, files={"file": b"hello"})
        answer = await ask("POST", grant.url, form.read(), **{"Content-Type": form.headers["Content-Type"]})
        assert answer.status_code == 403
        assert uploads.stored_bytes(KEY) is None

    async def test_a_full_disk_is_said_in_words_and_nothing_is_left(self, monkeypatch, root: Path) -> None:
        def full(*args: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        uploads = LocalUploads()
        url = part_url(uploads, 5)
        before = files(root)
        monkeypatch.setattr(local_files.shutil, "copyfileobj", full)
        response = await ask("PUT", url, b"hello")
        assert response.status_code == 507
        assert "저장 공간이 부족해요" in response.text
        assert files(root) == before
        assert uploads.received_parts(KEY, "5") == {}

    async def test_a_part_whose_copying_failed_counts_no_more_until_it_is_sent_again(
        self, monkeypatch
    ) -> None:
        uploads = LocalUploads()
        url = part_url(uploads, 5)
        await ask("PUT", url, b"hello")
        with monkeypatch.context() as broken:
            broken.setattr(local_files.os, "fsync", lambda descriptor: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                await ask("PUT", url, b"HELLO")
        with pytest.raises(PartsMissing):
            uploads.complete_parts(KEY, "5", size=5, part_size=5)
        assert (await ask("PUT", url, b"hello")).status_code == 204
        uploads.complete_parts(KEY, "5", size=5, part_size=5)
        assert Path(uploads.source_address(KEY)).read_bytes() == b"hello"

    async def test_another_fault_is_not_hidden(self, monkeypatch) -> None:
        def broken(*args: object) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        url = part_url(LocalUploads(), 5)
        monkeypatch.setattr(local_files.shutil, "copyfileobj", broken)
        with pytest.raises(OSError, match="Input/output"):
            await ask("PUT", url, b"hello")


async def test_two_tabs_that_send_the_same_parts_at_once_make_one_file() -> None:
    uploads, size = LocalUploads(), 300_000
    ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=size)
    parts = {number: os.urandom(size) for number in range(1, 6)}
    urls = {number: uploads.grant_part(KEY, ref, number=number, size=size).url for number in parts}
    answers = await asyncio.gather(*(ask("PUT", urls[number], parts[number]) for number in [*parts, *parts]))
    assert {answer.status_code for answer in answers} == {204}
    uploads.complete_parts(KEY, ref, size=5 * size, part_size=size)
    assert Path(uploads.source_address(KEY)).read_bytes() == b"".join(parts.values())


def test_completing_at_once_with_a_late_part_is_either_or(root: Path) -> None:
    """A part comes before the file is finished or not at all; never into the finished file."""
    for turn in range(20):
        key = f"sources/abc/{turn}"
        local_files.begin_parts(key)
        with local_files.incoming(key) as first:
            first.write(b"hello")
            local_files.keep_part(key, 1, offset=0, content=first)
        late_is_in: list[bool] = []

        def late(key: str = key, late_is_in: list[bool] = late_is_in) -> None:
            with local_files.incoming(key) as file:
                file.write(b"HELLO")
                try:
                    local_files.keep_part(key, 1, offset=0, content=file)
                except local_files.UploadClosed:
                    late_is_in.append(False)
                else:
                    late_is_in.append(True)

        racer = threading.Thread(target=late)
        racer.start()
        LocalUploads().complete_parts(key, "5", size=5, part_size=5)
        racer.join(10)
        assert local_files.path_of(key).read_bytes() == (b"HELLO" if late_is_in == [True] else b"hello")
        assert files(root / "sources/abc") == sorted(str(number) for number in range(turn + 1))


def test_a_gigabyte_is_completed_in_a_moment(root: Path) -> None:
    size, part_size = 1024 * MIB, 8 * MIB
    uploads = LocalUploads()
    ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=part_size)
    folder = local_files.parts_folder(KEY)
    with open(folder / "file", "r+b") as whole:  # sparse: only the completing is looked at
        whole.truncate(size)
    for number in range(1, size // part_size + 1):
        (folder / f"{number}-{part_size}").touch()
    began = time.perf_counter()
    uploads.complete_parts(KEY, ref, size=size, part_size=part_size)
    assert time.perf_counter() - began < 2
    assert uploads.stored_bytes(KEY) == size
