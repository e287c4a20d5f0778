import socket

import pytest

from devtools.ports import LOOPBACK, Ports, answers, free_ports, is_free
from devtools.problem import Problem


def test_it_names_the_taken_port_and_how_to_choose_another() -> None:
    web, rtmp, origin = free_ports(3)
    ports = Ports(web=web, rtmp=rtmp, origin=origin)
    ports.require_free()

    with socket.create_server((LOOPBACK, rtmp)), pytest.raises(Problem) as told:
        ports.require_free()

    assert f"Port {rtmp}, for RTMP, is taken" in str(told.value)
    assert "--rtmp-port (or INGEST_RTMP_PORT)" in str(told.value)


def test_it_sees_a_server_on_every_address() -> None:
    with socket.create_server(("", 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_it_does_not_mind_connections_that_are_just_closing() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection((LOOPBACK, port))
        accepted, _ = server.accept()
        accepted.close()  # the server's side closes first and so keeps the address in TIME_WAIT
        client.close()

    assert is_free(port)


def test_it_wants_three_different_ports() -> None:
    (port,) = free_ports(1)

    with pytest.raises(Problem, match="three different ports"):
        Ports(web=port, rtmp=port, origin=port).require_free()


def test_free_ports_differ_and_nothing_answers_there() -> None:
    ports = free_ports(20)

    assert len(set(ports)) == 20
    assert not any(answers(LOOPBACK, port) for port in ports)
