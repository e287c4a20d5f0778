"""A CDN before the media bucket, strict as CloudFront: `videos/` only with signed cookies, CORS for one origin."""

import base64
import fnmatch
import json
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey


def refusal(cookies: Mapping[str, str], url: str, key_id: str, key: RSAPublicKey) -> str:
    """Say why CloudFront would refuse these cookies for this address, "" if it would not.

    By the developer guide: custom policy, base64 with `-_~` for `+=/`, SHA-256 only when the fourth cookie says so.
    """
    try:
        policy = _decode(cookies["CloudFront-Policy"])
        signature = _decode(cookies["CloudFront-Signature"])
        if cookies["CloudFront-Key-Pair-Id"] != key_id:
            return "unknown key"
    except (KeyError, ValueError) as error:
        return f"missing or broken: {error}"
    digest = hashes.SHA256() if cookies.get("CloudFront-Hash-Algorithm") == "SHA256" else hashes.SHA1()  # noqa: S303
    try:
        key.verify(signature, policy, padding.PKCS1v15(), digest)
    except InvalidSignature:
        return "bad signature"
    (statement,) = json.loads(policy)["Statement"]
    if not fnmatch.fnmatchcase(url, statement["Resource"]):
        return "another resource"
    if time.time() >= statement["Condition"]["DateLessThan"]["AWS:EpochTime"]:
        return "expired"
    return ""


def _decode(text: str) -> bytes:
    return base64.b64decode(text.translate(str.maketrans("-_~", "+=/")))


@contextmanager
def cdn(s3: Any, bucket: str, *, origin: str, key_id: str, key: RSAPublicKey) -> Iterator[str]:
    """Serve the bucket on a free port while the block runs; yields the CDN's address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            if path.startswith("/videos/"):
                jar = SimpleCookie(self.headers.get("Cookie", ""))
                cookies = {name: morsel.value for name, morsel in jar.items()}
                if why := refusal(cookies, f"http://{self.headers['Host']}{path}", key_id, key):
                    return self.answer(403, why.encode())
            asked = {"Range": self.headers["Range"]} if self.headers.get("Range") else {}
            try:
                found = s3.get_object(Bucket=bucket, Key=path.removeprefix("/"), **asked)
            except ClientError as error:
                return self.answer(error.response["ResponseMetadata"]["HTTPStatusCode"], b"")
            headers = {"Content-Type": found["ContentType"], "Accept-Ranges": "bytes"}
            if "ContentRange" in found:
                headers["Content-Range"] = found["ContentRange"]
            return self.answer(206 if asked else 200, found["Body"].read(), headers)

        def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", origin)
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
