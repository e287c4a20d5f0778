"""Where browsers put files when they stay on this machine: a small ASGI application before Django.

Django would take in the whole body before asking anything. Here nothing is read that was not granted, and what is
read goes to disk piece by piece. (daphne, behind `runserver`, keeps the body itself before anybody may look at it.)

    POST /uploads/receive/form?grant=…      multipart/form-data: the grant's fields, then the file as `file`
    PUT  /uploads/receive/part?grant=…      the part as it is

Answers 204, or 400, 403, 404, 405, 408, 413, 507 with a sentence as text/plain. No session and no cookie counts here.
"""

import asyncio
import errno
import logging
import tempfile
from collections.abc import Awaitable, Callable, MutableMapping
from typing import IO, Any
from urllib.parse import parse_qs

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from media_pipeline.uploading import local_files, uploads
from media_pipeline.uploading.local import RECEIVER, LocalUploads
from media_pipeline.uploading.local_grants import BadGrant, Grant, read_grant

logger = logging.getLogger(__name__)

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[..., Awaitable[Any]]

STALLED_SECONDS = 60.0
"""Without a byte for this long, the browser is gone."""
REQUEST_SECONDS = 15 * 60.0
"""One that sends a byte now and then is no upload either: this is 8 MiB at 75 kbit/s."""
BATCH_BYTES = 256 * 1024
"""Written at once, in a thread: a disk that is busy must not hold up everybody's pages."""
FORM_EXTRA_BYTES = 64 * 1024
"""What fields and boundaries of a form may add to its file."""
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Refused(Exception):
    """The answer to what is not taken: a status and a sentence for whoever uploads."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status)
        self.status, self.text = status, text


class Disconnected(Exception):
    """The browser hung up; nobody hears an answer."""


def with_receiver(application: Application) -> Application:
    """Return the application with the receiver before it."""

    async def route(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(RECEIVER):
            await answer(scope, receive, send)
        else:
            await application(scope, receive, send)

    return route


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Take what one request brings."""
    try:
        await _take(scope, receive)
    except Disconnected:
        return
    except Refused as refusal:
        await _send(send, refusal.status, refusal.text)
    except local_files.UploadClosed:
        await _send(send, 403, _("끝났거나 취소한 업로드예요. 파일을 다시 골라 주세요."))
    except OSError as error:
        if error.errno not in DISK_FULL:
            raise
        logger.exception("no room for uploads")
        await _send(send, 507, _("서버에 저장 공간이 부족해요. 잠시 뒤에 다시 시도해 주세요."))
    else:
        await _send(send, 204)


async def _take(scope: Scope, receive: Receive) -> None:
    if not isinstance(uploads(), LocalUploads):
        raise Refused(404, _("여기에서는 파일을 받지 않아요."))
    match scope["path"].removeprefix(RECEIVER), scope["method"]:
        case "form", "POST":
            await _take_form(scope, receive)
        case "part", "PUT":
            await _take_part(scope, receive)
        case "form" | "part", _:
            raise Refused(405, _("이 방법으로는 올릴 수 없어요."))
        case _:
            raise Refused(404, _("여기에서는 파일을 받지 않아요."))


async def _take_part(scope: Scope, receive: Receive) -> None:
    grant = _granted(scope, part=True)
    if (announced := _announced_bytes(scope)) is not None:
        _check_size(announced, grant)
    local_files.check_open(local_files.parts_folder(grant.key))
    with local_files.incoming(grant.key) as file:
        _check_size(await _write_body(receive, file, most=grant.size), grant)
        await asyncio.to_thread(
            local_files.keep_part, grant.key, grant.number, offset=grant.offset, content=file
        )


async def _take_form(scope: Scope, receive: Receive) -> None:
    grant = _granted(scope, part=False)
    most = grant.size + FORM_EXTRA_BYTES
    if (_announced_bytes(scope) or 0) > most:
        raise _too_large()
    settings.UPLOADS_ROOT.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=settings.UPLOADS_ROOT) as body:
        size = await _write_body(receive, body, most=most)
        await asyncio.to_thread(_keep_form, grant, _header(scope, b"content-type"), size, body)


def _keep_form(grant: Grant, content_type: str, size: int, body: IO[bytes]) -> None:
    """Keep the file of a form whose whole body is there."""
    body.seek(0)
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": size}
    handlers = [MemoryFileUploadHandler(), TemporaryFileUploadHandler()]
    try:
        fields, files = MultiPartParser(meta, body, handlers, "utf-8").parse()  # type: ignore[arg-type]
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise Refused(400, _("업로드 요청을 읽을 수 없어요. 파일을 다시 골라 주세요.")) from error
    try:
        if fields.get("Content-Type") != grant.content_type:
            raise _forbidden()
        file = files.get("file")
        if file is None:
            raise Refused(400, _("파일이 오지 않았어요. 파일을 다시 골라 주세요."))
        _check_size(file.size, grant)
        local_files.keep_file(grant.key, file.chunks())
    finally:
        for _name, sent in files.lists():
            for each in sent:
                each.close()


async def _write_body(receive: Receive, file: IO[bytes], *, most: int) -> int:
    """Write the request's body, off the event loop, and return its bytes. Nothing beyond `most` is written."""
    written, batch, more = 0, bytearray(), True
    now = asyncio.get_running_loop().time
    ends_at = now() + REQUEST_SECONDS
    while more:
        try:
            async with asyncio.timeout_at(min(now() + STALLED_SECONDS, ends_at)):
                message = await receive()
        except TimeoutError as error:
            raise Refused(408, _("전송이 멈췄어요. 인터넷 연결을 확인하고 이어서 올려 주세요.")) from error
        if message["type"] == "http.disconnect":
            raise Disconnected
        batch += message.get("body", b"")
        more = bool(message.get("more_body", False))
        if written + len(batch) > most:
            raise _too_large()
        if len(batch) >= BATCH_BYTES or not more:
            await asyncio.to_thread(file.write, batch)
            written, batch = written + len(batch), bytearray()
    await asyncio.to_thread(file.flush)
    return written


def _granted(scope: Scope, *, part: bool) -> Grant:
    """Return the grant in the address; refuses what is none, or one for the other way of sending."""
    query = parse_qs(scope["query_string"].decode("latin-1"))
    try:
        grant = read_grant(query.get("grant", [""])[0])
    except BadGrant as error:
        raise _forbidden() from error
    if bool(grant.number) != part:
        raise _forbidden()
    return grant


def _check_size(size: int, grant: Grant) -> None:
    if size > grant.size:
        raise _too_large()
    if size < grant.size:
        raise Refused(400, _("파일이 다 오지 않았어요. 이어서 올려 주세요."))


def _forbidden() -> Refused:
    return Refused(403, _("올릴 수 있는 시간이 지났어요. 이어서 올리기를 눌러 주세요."))


def _too_large() -> Refused:
    return Refused(413, _("파일이 처음에 알려 준 것보다 커요. 파일을 다시 골라 주세요."))


def _header(scope: Scope, name: bytes) -> str:
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def _announced_bytes(scope: Scope) -> int | None:
    """Return the Content-Length, None when the body comes in chunks."""
    text = _header(scope, b"content-length")
    return int(text) if text.isdecimal() else None


async def _send(send: Send, status: int, text: str = "") -> None:
    """Answer; after a refusal the rest of the body is not waited for, so the connection cannot be used again."""
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(text.encode())).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if status == 204:
        headers = headers[2:]
    else:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": text.encode(), "more_body": False})
