"""The browser libraries: npm packages as the lock file has them, the site's icons as one sprite, the IVS player."""

import difflib
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from devtools import commonjs, node
from devtools.paths import NODE_MODULES, ROOT
from devtools.problem import Problem
from devtools.say import say
from devtools.stamps import digest, is_current, write

ICON_NAMES = ROOT / "static" / "icons.txt"
SPRITE = ROOT / "static" / "build" / "icons.svg"
IVS_PLAYER = ROOT / "static" / "build" / "ivs_player.js"

_SHIMS = {"events": ROOT / "devtools" / "browser_shims" / "events.js"}

_LOCKED = [ROOT / "package.json", ROOT / "package-lock.json"]
_STAMP = NODE_MODULES / ".stamp"
_SVG = "http://www.w3.org/2000/svg"
# On the symbol, so that a page needs only <svg class="icon"><use href="…/icons.svg#name"></use></svg>.
_KEPT = ("viewBox", "fill", "stroke", "stroke-linecap", "stroke-linejoin")


def prepare() -> None:
    """Have node_modules as locked, and what is built of it up to date; the Python environment must exist."""
    wanted = digest(_LOCKED)
    if not is_current(_STAMP, wanted):
        say("Installing browser libraries …")
        node.install(ROOT, doing="Installing browser libraries")
        write(_STAMP, wanted)
    build_sprite(ICON_NAMES, NODE_MODULES / "lucide-static" / "icons", SPRITE)
    build_ivs_player(NODE_MODULES, IVS_PLAYER)


def build_sprite(names: Path, icons: Path, sprite: Path) -> None:
    """Write one SVG with a <symbol> for each icon listed in `names` (one a line, # for comments).

    Problem, with the nearest name that exists, for an icon that the set does not have.
    """
    ElementTree.register_namespace("", _SVG)
    root = ElementTree.Element(f"{{{_SVG}}}svg")
    root.append(ElementTree.Comment(" @license lucide-static - ISC - https://lucide.dev/license "))
    for name in _listed(names):
        root.append(_symbol(name, icons))
    _keep(sprite, ElementTree.tostring(root, encoding="unicode") + "\n")


def build_ivs_player(node_modules: Path, script: Path) -> None:
    """Write the IVS player as a script that sets `IVSPlayer`: npm has it for bundlers only."""
    _keep(script, commonjs.link("amazon-ivs-player", node_modules, name="IVSPlayer", given=_SHIMS))


def _keep(file: Path, content: str) -> None:
    if not file.is_file() or file.read_text(encoding="utf-8") != content:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content, encoding="utf-8")


def _listed(names: Path) -> list[str]:
    lines = (line.partition("#")[0].strip() for line in names.read_text().splitlines())
    return sorted({line for line in lines if line})


def _symbol(name: str, icons: Path) -> ElementTree.Element:
    file = icons / f"{name}.svg"
    if not re.fullmatch("[a-z0-9-]+", name) or not file.is_file():
        near = difflib.get_close_matches(name, [path.stem for path in icons.glob("*.svg")], n=1)
        hint = f"; did you mean {near[0]}?" if near else "."
        raise Problem(f"static/icons.txt names an icon that lucide does not have: {name}{hint}")
    icon = ElementTree.parse(file).getroot()  # noqa: S314 - a file of a package pinned by its hash
    kept = {key: value for key, value in icon.attrib.items() if key in _KEPT}
    symbol = ElementTree.Element(f"{{{_SVG}}}symbol", {"id": name, **kept})
    for shape in icon:
        shape.tail = None
        symbol.append(shape)
    return symbol
