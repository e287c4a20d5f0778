"""TCP ports of this machine."""

import socket
from dataclasses import dataclass
from typing import Self

from devtools.problem import Problem

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Where the product listens: the site, the encoders' door and the video's origin."""

    web: int
    rtmp: int
    origin: int

    @classmethod
    def free(cls) -> Self:
        """Three ports that nobody uses now."""
        web, rtmp, origin = free_ports(3)
        return cls(web=web, rtmp=rtmp, origin=origin)

    def require_free(self) -> None:
        """Problem, naming the port and how to choose another, if one is taken or they are not three."""
        if len({self.web, self.rtmp, self.origin}) < 3:
            raise Problem("--port, --rtmp-port and --origin-port must be three different ports.")
        for port, what, cure in (
            (self.web, "the site", "--port"),
            (self.rtmp, "RTMP", "--rtmp-port (or INGEST_RTMP_PORT)"),
            (self.origin, "the video origin", "--origin-port (or INGEST_HTTP_PORT)"),
        ):
            if not is_free(port):
                raise Problem(
                    f"Port {port}, for {what}, is taken by another program: choose another with {cure}."
                )


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of the loopback address now."""
    if answers(LOOPBACK, port):
        return False  # macOS would let us listen beside a server that has the port on all addresses
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def answers(host: str, port: int) -> bool:
    """Whether something accepts connections there."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True


def free_ports(count: int) -> list[int]:
    """Different ports that nobody uses now."""
    probes = [socket.create_server((LOOPBACK, 0)) for _ in range(count)]
    try:
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
