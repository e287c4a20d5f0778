"""The peer: nginx with nginx-rtmp-module, as Debian packages it, with HLS switched on and nothing tuned."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.parts.site import FOLDER
from devtools.ports import LOOPBACK, answers, free_ports
from devtools.problem import Problem
from devtools.processes import Child, Command, output_of, succeeds, wait_for
from devtools.say import say

FRAGMENT_SECONDS = 5
"""hls_fragment, when it is not set. A fragment ends with the first keyframe after it."""

_PACKAGES = ("nginx", "libnginx-mod-rtmp")
_MODULE = "nginx/modules/ngx_rtmp_module.so"
_CONFIGURATION = """
load_module {module};
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 4096; }}
rtmp {{
    server {{
        listen {host}:{rtmp_port};
        application live {{ live on; hls on; hls_path {folder}/hls; }}
    }}
}}
http {{
    access_log off;
    types {{ application/vnd.apple.mpegurl m3u8; video/mp2t ts; }}
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{
        listen {host}:{http_port};
        root {folder}/hls;
        add_header Access-Control-Allow-Origin *;
        add_header Cache-Control no-cache;
    }}
}}
"""


class NginxRtmp:
    """A running server. The stream named NAME is published to `rtmp_url(NAME)` and played from `hls_url(NAME)`."""

    def __init__(self, child: Child, folder: Path, rtmp_port: int, http_port: int) -> None:
        self.child = child
        self._hls = folder / "hls"
        self._rtmp_port = rtmp_port
        self._http_port = http_port

    def rtmp_url(self, name: str) -> str:
        return f"rtmp://{LOOPBACK}:{self._rtmp_port}/live/{name}"

    def hls_url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self._http_port}/{name}.m3u8"

    def fragments(self, name: str) -> int:
        """How many fragments the stream's playlist lists."""
        playlist = self._hls / f"{name}.m3u8"
        return playlist.read_text().count("#EXTINF") if playlist.is_file() else 0


@contextmanager
def nginx_rtmp(folder: Path) -> Iterator[NginxRtmp]:
    """Run one with its files below `folder`. Problem when it is not here and cannot be had, or does not start."""
    program, module = find()
    rtmp_port, http_port = free_ports(2)
    (folder / "hls").mkdir(parents=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(
            module=module,
            user="user root;" if os.geteuid() == 0 else "",
            folder=folder,
            host=LOOPBACK,
            rtmp_port=rtmp_port,
            http_port=http_port,
        )
    )
    command: Command = [program, "-e", "stderr", "-p", folder, "-c", configuration]
    child = Child("nginx", command, on_line=lambda line: None)
    try:
        ready = wait_for(
            lambda: answers(LOOPBACK, rtmp_port) and answers(LOOPBACK, http_port),
            10,
            unless=lambda: not child.is_running(),
        )
        if not ready:
            raise Problem(f"nginx with the RTMP module does not start:\n{child.last_lines()}")
        yield NginxRtmp(child, folder, rtmp_port, http_port)
    finally:
        child.stop(5)


def find() -> tuple[Path, Path]:
    """The program and its RTMP module: this machine's, else Debian's packages unpacked into var/bench/."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    installed = Path("/usr/lib") / _MODULE
    if found and installed.is_file():
        return Path(found), installed
    unpacked = FOLDER / "nginx"
    program, module = unpacked / "usr/sbin/nginx", unpacked / "usr/lib" / _MODULE
    if not module.is_file():
        _unpack(unpacked)
    if not module.is_file() or not succeeds([program, "-v"]):
        raise Problem(
            "Debian's nginx, unpacked into var/bench/nginx, does not run here; --no-peer leaves it out."
        )
    return program, module


def _unpack(into: Path) -> None:
    """Download Debian's packages with lists of our own, which needs no rights, and unpack them."""
    if not (shutil.which("apt-get") and shutil.which("dpkg")):
        raise Problem(
            "nginx with its RTMP module is not installed and cannot be fetched without Debian's apt-get;"
            " --no-peer leaves it out."
        )
    say("Fetching Debian's nginx and libnginx-mod-rtmp …")
    downloads = into.parent / "nginx-packages"
    for folder in (downloads / "lists/partial", downloads / "cache/archives/partial", into):
        folder.mkdir(parents=True, exist_ok=True)
    own = ["-qq", "-o", f"Dir::State::Lists={downloads}/lists", "-o", f"Dir::Cache={downloads}/cache"]
    own += ["-o", "APT::Sandbox::User=", "-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1"]
    try:
        output_of(["apt-get", *own, "update"], doing="apt-get update")
        output_of(["apt-get", *own, "download", *_PACKAGES], doing="Fetching nginx", cwd=downloads)
        for package in downloads.glob("*.deb"):
            output_of(["dpkg", "-x", package, into], doing=f"Unpacking {package.name}")
    except Problem as problem:
        raise Problem(
            f"nginx with its RTMP module cannot be had (--no-peer leaves it out): {problem}"
        ) from problem
