"""A Chromium page in which two viewers watch: one as a page of the site plays, one with hls.js as it comes."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from devtools import chromium
from devtools.clock_picture import READ_CLOCK_JS
from devtools.paths import NODE_MODULES, ROOT
from devtools.ports import LOOPBACK

_HERE = Path(__file__).parent
_HLS = NODE_MODULES / "hls.js" / "dist"
_FILES = {
    "/": _HERE / "watch.html",
    "/watch.js": _HERE / "watch.js",
    **{
        f"/static/js/{name}": ROOT / "static" / "js" / name
        for name in ("player/hls_source.js", "common/load_script.js")
    },
    **{f"/hls.js/{name}": _HLS / name for name in ("hls.min.js", "hls.light.min.js", "hls.worker.js")},
}
_TYPES = {".html": "text/html", ".js": "text/javascript"}


@contextmanager
def watching_page() -> Iterator[Page]:
    """The page of `watch.js`, with `watchOurs(url)` and `watchPeer(url)`."""
    server = ThreadingHTTPServer((LOOPBACK, 0), _Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    program = os.environ.get("CHROMIUM_PATH") or chromium.find()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=list(chromium.FLAGS))
            page = browser.new_page(viewport={"width": 1300, "height": 400})
            page.goto(f"http://{LOOPBACK}:{server.server_port}/")
            page.wait_for_function("!!window.watchOurs")
            yield page
            browser.close()
    finally:
        server.shutdown()


class _Files(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/clock.js":
            body, kind = f"export const readClock = {READ_CLOCK_JS}", ".js"
        elif self.path in _FILES:
            body, kind = _FILES[self.path].read_text(), _FILES[self.path].suffix
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", f"{_TYPES[kind]}; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
