"""A network that loses packets and is slow, for programs started in it (Linux).

Two network namespaces of our own, which need no rights on the machine, each with a TUN device; a process between them
carries the packets, late and not all. The kernel's TCP does the rest: what is lost is sent again, as over the air.

    with bad_network(port, delay=0.15, loss=0.05) as network:
        output = network.run([sys.executable, "client.py", network.host])
"""

import array
import ctypes
import fcntl
import heapq
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HERE, THERE = "10.77.0.2", "10.77.0.1"
PORT = 8000
CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
libc = ctypes.CDLL(None, use_errno=True)


class BadNetwork:
    """`host` and `port` lead to the server, the hard way."""

    host, port = THERE, PORT

    def __init__(self, delay: float, loss: float, command_socket: socket.socket) -> None:
        self._delay, self._loss, self._socket = delay, loss, command_socket

    def run(self, command: Sequence[str | Path]) -> subprocess.Popen[str]:
        """Start a program in there; its standard output can be read."""
        inside = ["unshare", "--user", "--map-root-user", "--net", sys.executable, "-m", __name__]
        arguments = [str(self._socket.fileno()), str(self._delay), str(self._loss), *map(str, command)]
        return subprocess.Popen(
            [*inside, *arguments], pass_fds=[self._socket.fileno()], stdout=subprocess.PIPE, text=True
        )


def can_make_networks() -> bool:
    """Whether this machine lets us: containers often do not."""
    if not (Path("/dev/net/tun").exists() and shutil.which("ip") and shutil.which("unshare")):
        return False
    trial = ["unshare", "--user", "--map-root-user", "--net", "ip", "tuntap", "add", "trial", "mode", "tun"]
    return subprocess.run(trial, capture_output=True).returncode == 0


@contextmanager
def bad_network(port: int, *, delay: float, loss: float) -> Iterator[BadNetwork]:
    """Lead to 127.0.0.1:`port` with `delay` seconds each way, losing the part `loss` of all packets."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    threading.Thread(target=_relay, args=(ours, port), daemon=True).start()
    try:
        yield BadNetwork(delay, loss, theirs)
    finally:
        ours.close()
        theirs.close()


def _relay(given: socket.socket, port: int) -> None:
    """Take the listening socket of the other namespace and pass its connections on to the server."""
    with suppress(OSError):
        _, descriptors, _, _ = socket.recv_fds(given, 1, 1)
        listener = socket.socket(fileno=descriptors[0])
        while True:
            connection, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for source, target in ((connection, server), (server, connection)):
                threading.Thread(target=_pump, args=(source, target), daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def main(descriptor: str, delay: str, loss: str, *command: str) -> int:
    """Inside: this namespace is the program's, a second one the server's side."""
    near = _tun("near", HERE)
    home = os.open("/proc/self/ns/net", os.O_RDONLY)
    if libc.unshare(CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "unshare")
    far = _tun("far", THERE)
    listener = socket.create_server((THERE, PORT), backlog=512)
    giver = socket.socket(fileno=int(descriptor))
    giver.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [listener.fileno()]))])
    threading.Thread(target=_carry, args=(near, far, float(delay), float(loss)), daemon=True).start()
    return subprocess.run(command, preexec_fn=lambda: libc.setns(home, CLONE_NEWNET)).returncode  # noqa: PLW1509 one thread sleeps in `select`


def _tun(name: str, address: str) -> int:
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    for arguments in (
        ("addr", "add", f"{address}/30", "dev", name),
        ("link", "set", name, "up"),
        ("link", "set", "lo", "up"),
    ):
        subprocess.run(["ip", *arguments], check=True)
    return descriptor


def _carry(near: int, far: int, delay: float, loss: float) -> None:
    under_way: list[tuple[float, int, int, bytes]] = []
    other = {near: far, far: near}
    number, dice = 0, random.Random(7)
    while True:
        wait = max(0.0, under_way[0][0] - time.monotonic()) if under_way else None
        for tun in select.select([near, far], [], [], wait)[0]:
            packet = os.read(tun, 65536)
            if dice.random() >= loss:
                number += 1
                heapq.heappush(under_way, (time.monotonic() + delay, number, other[tun], packet))
        while under_way and under_way[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(under_way)
            os.write(target, packet)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
