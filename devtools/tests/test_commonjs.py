from pathlib import Path

import pytest

from devtools.commonjs import link
from devtools.problem import Problem


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    files = {
        "app/package.json": '{"main": "dist/index.js"}',
        "app/dist/index.js": "const a = require('./part'); exports.sum = a.one + require(\"lib/two\");"
        " exports.later = () => mod.require('util');",
        "app/dist/part.js": "'use strict'; exports.one = 1; exports.circle = require('./index');",
        "lib/two.js": "module.exports = require('node-only').two;",
        "shim.js": "exports.two = 2;",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path


def test_everything_required_is_linked_once(packages: Path) -> None:
    script = link("app", packages, name="App", given={"node-only": packages / "shim.js"})
    assert script.count("exports.one = 1") == 1
    assert "exports.two = 2" in script
    assert "globalThis.App = load(0);" in script


def test_what_is_nowhere_is_named(packages: Path) -> None:
    with pytest.raises(Problem, match="node-only"):
        link("app", packages, name="App", given={})
