import os
import sys
from collections.abc import Mapping

import pytest

from devtools.problem import Problem
from devtools.stages import Stage, run_stages


def stage(name: str, code: str) -> Stage:
    return Stage(name, [sys.executable, "-c", code], lambda: dict(os.environ))


def no_database() -> Mapping[str, str]:
    raise Problem("No PostgreSQL was found.")


def test_all_stages_run_and_every_failure_is_named(capfd: pytest.CaptureFixture[str]) -> None:
    code = run_stages(
        [
            stage("one", "raise SystemExit(1)"),
            Stage("two", [sys.executable, "-c", ""], no_database),
            stage("three", "print('three ran')"),
        ]
    )

    output = capfd.readouterr()
    assert code == 1
    assert "three ran" in output.out
    assert "No PostgreSQL was found." in output.err
    assert "Failed: one, two." in output.err


def test_it_passes_when_all_pass(capfd: pytest.CaptureFixture[str]) -> None:
    assert run_stages([stage("one", ""), stage("two", "")]) == 0
    assert "Everything passed." in capfd.readouterr().err
