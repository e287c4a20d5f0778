import io
import os

from devtools.terminal import Terminal


def test_names_are_as_wide_as_each_other() -> None:
    stream = io.StringIO()
    terminal = Terminal(stream)

    terminal.line("web", "GET /")
    terminal.line("worker", "task done")

    assert stream.getvalue() == "web        │ GET /\nworker     │ task done\n"


def test_colours_are_only_in_the_name_and_end_there() -> None:
    stream = io.StringIO()

    Terminal(stream, colour=True).line("web", "GET /")

    assert stream.getvalue() == "\033[36mweb       \033[0m │ GET /\n"


def test_a_terminal_that_has_gone_stops_nothing() -> None:
    read, write = os.pipe()
    os.close(read)
    with io.TextIOWrapper(io.FileIO(write, "w"), write_through=True) as stream:
        Terminal(stream).line("web", "to nobody")
