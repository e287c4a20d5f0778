import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from devtools.browser_libraries import ICON_NAMES, build_sprite
from devtools.paths import ROOT
from devtools.problem import Problem

SVG = "{http://www.w3.org/2000/svg}"
HEART = """<!-- @license -->
<svg class="lucide" xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24"
  fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round">
  <path d="M2 9.5" />
</svg>
"""


@pytest.fixture
def icons(tmp_path: Path) -> Path:
    folder = tmp_path / "icons"
    folder.mkdir()
    for name in ("heart", "bell"):
        (folder / f"{name}.svg").write_text(HEART)
    return folder


def build(tmp_path: Path, icons: Path, names: str) -> ElementTree.Element:
    (tmp_path / "icons.txt").write_text(names)
    sprite = tmp_path / "build" / "icons.svg"
    build_sprite(tmp_path / "icons.txt", icons, sprite)
    return ElementTree.parse(sprite).getroot()  # noqa: S314 - written just now


def test_the_sprite_has_a_symbol_for_each_listed_icon(tmp_path: Path, icons: Path) -> None:
    root = build(tmp_path, icons, "# used in the room\nheart\n\nbell  # header\nheart\n")

    symbols = root.findall(f"{SVG}symbol")
    assert [symbol.get("id") for symbol in symbols] == ["bell", "heart"]
    assert symbols[0].attrib == {
        "id": "bell",
        "viewBox": "0 0 24 24",
        "fill": "none",
        "stroke": "currentColor",
        "stroke-linecap": "round",
        "stroke-linejoin": "round",
    }
    assert [shape.get("d") for shape in symbols[0].iter(f"{SVG}path")] == ["M2 9.5"]


def test_the_sprite_is_written_only_when_it_changes(tmp_path: Path, icons: Path) -> None:
    build(tmp_path, icons, "heart")
    sprite = tmp_path / "build" / "icons.svg"
    written = sprite.stat().st_mtime_ns

    build(tmp_path, icons, "heart")
    assert sprite.stat().st_mtime_ns == written
    build(tmp_path, icons, "bell")
    assert "bell" in sprite.read_text()


@pytest.mark.parametrize("name", ["hearts", "../icons/heart"])
def test_an_unknown_icon_is_named_with_its_nearest(tmp_path: Path, icons: Path, name: str) -> None:
    with pytest.raises(Problem, match=f"does not have: {name}"):
        build(tmp_path, icons, name)


def test_the_names_in_use_exist() -> None:
    assert ICON_NAMES.is_file()


def test_the_lock_file_is_exact_and_names_no_private_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    for name, version in wanted.items():
        assert packages[f"node_modules/{name}"]["version"] == version
    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-")
            assert package.get("resolved", "https://registry.npmjs.org/").startswith(
                "https://registry.npmjs.org/"
            )
