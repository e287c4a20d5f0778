"""S3 as browsers meet it: moto keeps the objects, and this front enforces what moto does not.

A POST must obey its signed policy, a presigned address must be genuine, fresh and used for exactly its request, a
page of another origin is told nothing, and whoever has no signature at all gets nothing: the buckets are private.
Calls signed in the Authorization header (boto3's) go through unchecked.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

import httpx
from moto.server import ThreadedMotoServer
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder

from tests.aws.post_policy import check_post
from tests.aws.signature import S3Refused, check_presigned

SECRETS = {"testing": "testing"}
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "host"}
TIMEOUT_SECONDS = 30


def read_form(content_type: str, body: bytes) -> tuple[dict[str, str], int]:
    """Return a POST's fields and the bytes of its file. As in S3, what follows the file counts for nothing."""
    boundary = parse_options_header(content_type)[1].get("boundary", "").encode()
    decoder = MultipartDecoder(boundary)
    decoder.receive_data(body)
    decoder.receive_data(None)
    fields: dict[str, str] = {}
    size: int | None = None
    part: Field | File | None = None
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            part = event
            if event.name == "file" and size is None:
                size, file = 0, event
        elif isinstance(event, Data) and size is None and isinstance(part, Field):
            fields[part.name] = fields.get(part.name, "") + event.data.decode()
        elif isinstance(event, Data) and size is not None and part is file:
            size += len(event.data)
    if size is None:
        raise S3Refused(400, "InvalidArgument", "POST requires exactly one file upload per request.")
    return fields, size


class _Front(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site_origin: str
    moto: tuple[str, int]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self._check(body)
            status, headers, content = self._forward(body)
        except S3Refused as refusal:
            status, headers = refusal.status, {"Content-Type": "application/xml"}
            error = f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.text)}</Message></Error>"
            content = error.encode()
        self.send_response(status)
        for name, value in (headers | self._cors()).items():
            self.send_header(name, value)
        if "Content-Length" not in headers:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _answer  # noqa: N815 the base class's names

    def do_OPTIONS(self) -> None:
        """A preflight: S3 answers by the bucket's CORS rules, before any signature."""
        allowed = self._cors()
        self.send_response(200 if allowed else 403)
        if allowed:
            asked = self.headers.get("Access-Control-Request-Headers", "")
            allowed |= {"Access-Control-Allow-Methods": "POST, PUT", "Access-Control-Max-Age": "600"}
            allowed |= {"Access-Control-Allow-Headers": asked} if asked else {}
        for name, value in allowed.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _cors(self) -> dict[str, str]:
        if self.headers.get("Origin") != self.site_origin:
            return {}
        return {
            "Access-Control-Allow-Origin": self.site_origin,
            "Access-Control-Allow-Credentials": "true",
            "Access-Control-Expose-Headers": "ETag",
            "Vary": "Origin",
        }

    def _check(self, body: bytes) -> None:
        sent = {name.lower(): value for name, value in self.headers.items()}
        if "authorization" in sent:
            return
        address = urlsplit(self.path)
        if "X-Amz-Signature=" in address.query:
            check_presigned(self.command, self.path, sent, SECRETS)
        elif self.command == "POST" and sent.get("content-type", "").startswith("multipart/form-data"):
            fields, size = read_form(sent["content-type"], body)
            check_post(address.path.strip("/"), fields, size, SECRETS)
        else:
            raise S3Refused(403, "AccessDenied", "Access Denied")

    def _forward(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = HTTPConnection(*self.moto, timeout=TIMEOUT_SECONDS)
        try:
            sent = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request(self.command, self.path, body, sent)
            response = connection.getresponse()
            content = response.read()
            if (
                response.status == 500 and "uploadId=" in self.path
            ):  # moto falls over a part of an unknown upload
                raise S3Refused(404, "NoSuchUpload")
            return response.status, _passed_on(dict(response.headers)), content
        finally:
            connection.close()

    def log_message(self, *args: object) -> None:
        pass


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    """Moto's headers without those that the front sets itself."""
    own = (*HOP_BY_HOP, "server", "date", "access-control-")
    return {name: value for name, value in headers.items() if not name.lower().startswith(own)}


@contextmanager
def serving_storage(site_origin: str) -> Iterator[str]:
    """Run an empty S3 for pages of `site_origin`, and yield its address (path style; keys `SECRETS`)."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    httpx.post(f"http://{host}:{port}/moto-api/reset", timeout=TIMEOUT_SECONDS)  # its state is the process's
    handler = type("Front", (_Front,), {"site_origin": site_origin, "moto": (host, port)})
    front = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=front.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{front.server_port}"
    finally:
        front.shutdown()
        thread.join()
        front.server_close()
        moto.stop()
