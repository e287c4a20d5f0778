"""The receiver under the servers it runs under."""

import hashlib
import http.client
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from chat.tests.servers import DAPHNE, UVICORN, Server, serving, wait_until
from media_pipeline.uploading import local_files
from media_pipeline.uploading.local import LocalUploads

KEY = "sources/abc/0123456789"
TYPE = "video/mp4"
MIB = 1024 * 1024


@pytest.fixture(autouse=True)
def uploads(settings) -> Iterator[LocalUploads]:
    """The servers' own uploads, empty again afterwards."""
    settings.UPLOADS_ROOT = Path(os.environ["DATA_DIR"]) / "uploads"
    uploads = LocalUploads()
    yield uploads
    for key in (KEY, f"{KEY}-2"):
        uploads.abort_parts(key, "")
        uploads.delete(key)


@pytest.fixture(scope="module")
def uvicorn() -> Iterator[Server]:
    with serving(UVICORN) as server:
        yield server


@pytest.fixture(scope="module")
def daphne() -> Iterator[Server]:
    with serving(DAPHNE) as server:
        yield server


@pytest.fixture(params=["uvicorn", "daphne"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


def part_url(uploads: LocalUploads, size: int) -> str:
    ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=size)
    return uploads.grant_part(KEY, ref, number=1, size=size).url


def test_a_file_in_parts_and_one_in_a_form_arrive_whole(uploads: LocalUploads, server: Server) -> None:
    content = os.urandom(3 * MIB)
    ref = uploads.begin_parts(KEY, content_type=TYPE, part_size=2 * MIB)
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}") as browser:
        for number, part in ((2, content[2 * MIB :]), (1, content[: 2 * MIB])):
            grant = uploads.grant_part(KEY, ref, number=number, size=len(part))
            assert browser.put(grant.url, content=part).status_code == 204
        uploads.complete_parts(KEY, ref, size=3 * MIB, part_size=2 * MIB)
        form = uploads.grant_form(f"{KEY}-2", size=3 * MIB, content_type=TYPE)
        answer = browser.post(form.url, data=form.fields, files={"file": ("film.mp4", content)})
        assert answer.status_code == 204
        refused = browser.put(grant.url, content=part)
        assert (refused.status_code, refused.text[-2:]) == (403, "요.")
    for key in (KEY, f"{KEY}-2"):
        stored = Path(uploads.source_address(key)).read_bytes()
        assert hashlib.sha256(stored).digest() == hashlib.sha256(content).digest()


def test_a_client_that_dies_in_the_middle_leaves_nothing(uploads: LocalUploads, uvicorn: Server) -> None:
    url, folder = part_url(uploads, MIB), local_files.path_of(KEY).parent
    head = f"PUT {url} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {MIB}\r\n\r\n"
    client = socket.create_connection(("127.0.0.1", uvicorn.port))
    client.sendall(head.encode() + b"x" * (MIB // 2))
    assert wait_until(lambda: list(folder.glob("*.incoming-*")))
    client.close()
    assert wait_until(lambda: not list(folder.glob("*.incoming-*")))
    assert uploads.received_parts(KEY, "") == {}


def test_too_much_is_refused_before_it_is_sent(uploads: LocalUploads, uvicorn: Server) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", uvicorn.port, timeout=5)
    connection.putrequest("PUT", part_url(uploads, 5))
    connection.putheader("Content-Length", str(5 * 1024 * MIB))
    connection.endheaders()
    response = connection.getresponse()
    assert (response.status, response.getheader("connection")) == (413, "close")
    connection.close()


def test_a_disk_that_fills_up_is_answered_and_the_next_file_fits(
    uploads: LocalUploads, uvicorn: Server
) -> None:
    url, content = part_url(uploads, 2 * MIB), b"x" * (2 * MIB)
    hard = resource.prlimit(uvicorn.process.pid, resource.RLIMIT_FSIZE)[1]
    resource.prlimit(uvicorn.process.pid, resource.RLIMIT_FSIZE, (MIB, hard))
    with httpx.Client(base_url=f"http://127.0.0.1:{uvicorn.port}") as browser:
        assert browser.put(url, content=content).status_code == 507
        form = uploads.grant_form(f"{KEY}-2", size=2 * MIB, content_type=TYPE)
        assert browser.post(form.url, data=form.fields, files={"file": content}).status_code == 507
        folder = local_files.path_of(KEY).parent
        assert [path.name for path in folder.iterdir()] == [f"{Path(KEY).name}.parts"]
        resource.prlimit(uvicorn.process.pid, resource.RLIMIT_FSIZE, (hard, hard))
        assert browser.put(url, content=content).status_code == 204
