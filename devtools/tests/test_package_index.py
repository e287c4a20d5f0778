import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from devtools.package_index import configured_index, fetch_pip
from devtools.pins import PIP_VERSION
from devtools.problem import Problem

WHEEL = b"the wheel"
NAME = f"pip-{PIP_VERSION}-py3-none-any.whl"
SHA256 = hashlib.sha256(WHEEL).hexdigest()
Serve = Callable[[str, str], None]


class Index(ThreadingHTTPServer):
    listing: tuple[str, str] = ("", "")
    asked_with: list[str | None]


class Answer(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.asked_with.append(self.headers.get("Authorization"))
        content_type, body = self.server.listing
        if self.path.endswith(".whl"):
            content_type, body = "application/zip", WHEEL.decode()
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def index(monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    server = Index(("127.0.0.1", 0), Answer)
    server.asked_with = []
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://me:p%40ss@127.0.0.1:{server.server_port}/simple/")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def html(sha256: str) -> tuple[str, str]:
    fragment = f"#sha256={sha256}" if sha256 else ""
    return (
        "text/html",
        f'<a href="/simple/pip-1.0.tar.gz">x</a><a href="../../files/{NAME}{fragment}">pip</a>',
    )


def as_json(sha256: str) -> tuple[str, str]:
    file = {"filename": NAME, "url": f"/files/{NAME}", "hashes": {"sha256": sha256} if sha256 else {}}
    return "application/vnd.pypi.simple.v1+json", json.dumps({"files": [file]})


@pytest.mark.parametrize("listing", [html, as_json])
def test_it_fetches_the_pinned_wheel(
    tmp_path: Path, index: Index, listing: Callable[[str], tuple[str, str]]
) -> None:
    index.listing = listing(SHA256)

    assert fetch_pip(tmp_path).read_bytes() == WHEEL
    assert index.asked_with[0] == "Basic " + base64.b64encode(b"me:p@ss").decode()


@pytest.mark.parametrize("listing", [html, as_json])
def test_it_refuses_a_file_that_is_not_what_the_index_says(
    tmp_path: Path, index: Index, listing: Callable[[str], tuple[str, str]]
) -> None:
    index.listing = listing("0" * 64)

    with pytest.raises(Problem, match="not the file that the index describes"):
        fetch_pip(tmp_path)
    assert not (tmp_path / NAME).exists()


@pytest.mark.parametrize("listing", [html, as_json])
def test_it_refuses_an_index_without_hashes(
    tmp_path: Path, index: Index, listing: Callable[[str], tuple[str, str]]
) -> None:
    index.listing = listing("")

    with pytest.raises(Problem, match="install python3-venv") as told:
        fetch_pip(tmp_path)
    assert "p%40ss" not in str(told.value)


def test_an_index_out_of_reach_is_told_in_a_sentence(
    tmp_path: Path, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/simple")

    with pytest.raises(Problem, match="apt-get install python3-venv"):
        fetch_pip(tmp_path)


def test_the_index_comes_from_pips_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PIP_INDEX_URL", raising=False)
    configuration = tmp_path / "pip.conf"
    configuration.write_text("[global]\nindex-url = https://index.example/%s/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(configuration))

    assert configured_index() == "https://index.example/%s/simple"
