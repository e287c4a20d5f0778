"""Fetch pip itself from the package index, for a Python that came without it."""

import base64
import hashlib
import json
import os
import re
import ssl
import urllib.error
import urllib.request
from configparser import ConfigParser
from configparser import Error as ConfigError
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from devtools.pins import PIP_VERSION
from devtools.problem import Problem
from devtools.say import without_credentials

_PYPI = "https://pypi.org/simple"
_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT = 30  # seconds without a byte
_LARGEST = 30_000_000  # bytes of an answer


def configured_index() -> str | None:
    """The index that PIP_INDEX_URL or else pip's configuration files name, if any."""
    if url := os.environ.get("PIP_INDEX_URL"):
        return url
    home = Path.home()
    files = [
        Path("/etc/xdg/pip/pip.conf"),
        Path("/etc/pip.conf"),
        Path("/Library/Application Support/pip/pip.conf"),
        home / ".pip" / "pip.conf",
        home / ".config" / "pip" / "pip.conf",
        Path(os.environ.get("PIP_CONFIG_FILE", os.devnull)),
    ]
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(files)
    except (ConfigError, UnicodeDecodeError):
        return None  # pip itself will say what is wrong with it
    return parser.get("install", "index-url", fallback=None) or parser.get(
        "global", "index-url", fallback=None
    )


def fetch_pip(folder: Path) -> Path:
    """Download the pinned pip wheel into `folder` and return its path.

    The file must have the SHA-256 that the index states. Raises Problem when the index cannot be reached,
    lacks the version or states no hash.
    """
    name = f"pip-{PIP_VERSION}-py3-none-any.whl"
    page = (configured_index() or _PYPI).rstrip("/") + "/pip/"
    try:
        content_type, listing = _get(page)
        url, sha256 = _find(name, page, content_type, listing)
        _, wheel = _get(url)
    except (OSError, ValueError) as error:
        raise Problem(
            f"pip could not be fetched from {without_credentials(page)} ({error}); install python3-venv"
            " (Debian: apt-get install python3-venv) or uv, and try again."
        ) from error
    if hashlib.sha256(wheel).hexdigest() != sha256:
        raise Problem(f"{name} from {without_credentials(page)} is not the file that the index describes.")
    path = folder / name
    path.write_bytes(wheel)
    return path


def _get(url: str) -> tuple[str, bytes]:
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http", "file"):
        raise ValueError(f"not a web address: {without_credentials(url)}")
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
        urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2])),
        headers={"Accept": f"{_JSON}, text/html;q=0.5"},
    )
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    trust = ssl.create_default_context(cafile=os.environ.get("PIP_CERT"))
    with urllib.request.urlopen(request, timeout=_TIMEOUT, context=trust) as answer:  # noqa: S310 - checked above
        content = answer.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError("the answer is too large")
        return answer.headers.get_content_type(), content


def _find(name: str, page: str, content_type: str, listing: bytes) -> tuple[str, str]:
    """The address and SHA-256 of a file in an index page, JSON (PEP 691) or HTML (PEP 503)."""
    if content_type == _JSON:
        for file in json.loads(listing)["files"]:
            if file["filename"] == name and "sha256" in file["hashes"]:
                return urljoin(page, file["url"]), file["hashes"]["sha256"]
    else:
        for link in _links(listing.decode()):
            url, fragment = urldefrag(urljoin(page, link))
            if url.endswith("/" + name) and (stated := re.fullmatch("sha256=([0-9a-f]{64})", fragment)):
                return url, stated[1]
    raise ValueError(f"it lists no {name} with a SHA-256")


def _links(html: str) -> list[str]:
    found: list[str] = []

    class Anchors(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag == "a":
                found.extend(value for key, value in attrs if key == "href" and value)

    Anchors().feed(html)
    return found
