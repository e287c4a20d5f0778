import ast
import subprocess
import sys

import pytest

from devtools.paths import ROOT


def dev(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )


def test_alone_it_prints_what_it_can_do() -> None:
    result = dev()

    assert result.returncode == 0
    for command in ("run", "test", "lint", "bench", "reset", "manage", "setup"):
        assert f"    {command} " in result.stdout


@pytest.mark.parametrize("port", ["0", "65536", "http"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    result = dev("run", "--port", port)

    assert result.returncode == 2
    assert f"not a port: '{port}'" in result.stderr


def test_an_unknown_benchmark_is_told_with_those_there_are() -> None:
    result = dev("bench", "nothing")

    assert result.returncode == 1
    assert "There is no benchmark 'nothing'; there are: " in result.stderr
    assert "Traceback" not in result.stderr


def test_an_old_python_can_read_the_launcher() -> None:
    ast.parse((ROOT / "dev").read_text(), feature_version=(3, 4))
