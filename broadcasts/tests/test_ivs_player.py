"""The page with Amazon's player: chosen by the settings, and loading under our own content security policy.

A live IVS picture cannot be had here: the address leads nowhere, and that must be said clearly.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from django.urls import reverse

from devtools.commonjs import link
from tests.makers import make_broadcast, make_member

ROOT = Path(__file__).parents[2]
PAGE = """<!doctype html><meta charset="utf-8"><title>player</title><link rel="icon" href="data:,">
<body data-room data-status="live"><section data-stage data-ivs="{script}" data-ivs-worker="{worker}"
data-ivs-wasm="{wasm}" data-playback-url="{dead}"><video muted playsinline data-video></video></section>
<script type="module" src="/static/test.js"></script>"""
TEST = """
import { IvsSource } from "./js/player/ivs_source.js";
const { ivs, ivsWorker, ivsWasm, playbackUrl } = document.querySelector("[data-stage]").dataset;
const source = new IvsSource(document.querySelector("video"), {
  address: () => playbackUrl, script: ivs, worker: ivsWorker, wasm: ivsWasm, wanted: () => true });
source.addEventListener("failed", ({ detail }) => {
  document.body.dataset.failed = JSON.stringify({ ...detail, behind: source.behind });
});
source.start();
"""


@pytest.fixture
def policy() -> str:
    """The header that a site with IVS sends."""
    show = (
        "import json; from livecommerce import settings; print(json.dumps(settings.CONTENT_SECURITY_POLICY))"
    )
    environment = os.environ | {"STREAMING_PROVIDER": "ivs"}
    result = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, check=True, timeout=60
    )
    directives = json.loads(result.stdout)["DIRECTIVES"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


@pytest.fixture
def site(policy: str, tmp_path: Path) -> Iterator[str]:
    """A server of the page, our scripts and the player's own files."""
    places = {
        "/static/js/": ROOT / "static" / "js",
        "/static/vendor/ivs/": ROOT / "node_modules" / "amazon-ivs-player" / "dist",
        "/static/": tmp_path,
        "/": tmp_path,
    }
    shims = {"events": ROOT / "devtools" / "browser_shims" / "events.js"}
    player = link("amazon-ivs-player", ROOT / "node_modules", name="IVSPlayer", given=shims)
    (tmp_path / "ivs_player.js").write_text(player, encoding="utf-8")
    (tmp_path / "test.js").write_text(TEST, encoding="utf-8")
    (tmp_path / "index.html").write_text(
        PAGE.format(
            script="/static/ivs_player.js",
            worker="/static/vendor/ivs/assets/amazon-ivs-wasmworker.min.js",
            wasm="/static/vendor/ivs/assets/amazon-ivs-wasmworker.min.wasm",
            dead="/nowhere.m3u8",
        ),
        encoding="utf-8",
    )

    class Handler(SimpleHTTPRequestHandler):
        def translate_path(self, path: str) -> str:
            path = path.partition("?")[0]
            prefix = next(prefix for prefix in places if path.startswith(prefix))
            return str(places[prefix] / path.removeprefix(prefix))

        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.browser
def test_the_player_loads_under_our_policy_and_names_a_dead_address(site, chromium):
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site}/index.html")
    body = page.locator("body[data-failed]")
    body.wait_for(state="attached", timeout=20_000)
    failure = json.loads(body.get_attribute("data-failed") or "")
    assert failure["code"] == 404
    assert failure["type"].startswith("Error")
    assert failure["refused"] is False
    assert failure["behind"] is False
    # The browser itself reports the 404 that was asked for.
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.browser
def test_a_pin_appears_when_the_picture_brings_it_and_late_without(site, chromium):
    page = chromium.new_page()
    page.clock.install()
    page.goto(f"{site}/index.html")
    page.evaluate(
        """async () => {
            const { OnPicture } = await import("/static/js/room/on_picture.js");
            window.shown = [];
            window.pin = new OnPicture((code) => window.shown.push(code), () => null);
        }"""
    )
    page.evaluate("pin.told('first', 1, Date.now())")
    page.evaluate("pin.told('second', 2, Date.now(), { isCued: true })")
    assert page.evaluate("shown") == ["first"]
    page.evaluate("pin.cue('second', 2); pin.cue('old', 1); pin.cue()")
    assert page.evaluate("shown") == ["first", "second"]
    page.evaluate("pin.told('third', 3, Date.now(), { isCued: true })")
    page.clock.run_for(10_000)
    assert page.evaluate("shown") == ["first", "second", "third"]
    page.evaluate("pin.told('for long', 4, Date.now() - 60_000, { isCued: true })")
    assert page.evaluate("shown.at(-1)") == "for long"


@pytest.mark.django_db
@pytest.mark.parametrize("provider", ["local", "ivs"])
@pytest.mark.parametrize("page", ["watch", "control_room"])
def test_the_page_brings_amazons_player_where_amazon_streams(client, settings, provider, page):
    settings.STREAMING_PROVIDER = provider
    seller = make_member()
    client.force_login(seller)
    html = client.get(reverse(f"broadcasts:{page}", args=[make_broadcast(seller).code])).content.decode()
    for part in ('data-ivs="', 'data-ivs-worker="', 'data-ivs-wasm="'):
        assert (part in html) == (provider == "ivs")
