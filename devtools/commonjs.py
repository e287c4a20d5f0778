"""Linking one CommonJS package, with what it requires, into a script that a page can load."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from devtools.problem import Problem

# A plain call of `require` with a literal; `module.require("util")` behind a test for Node is none.
_REQUIRE = re.compile(r"""(?<![.\w$])require\(\s*(["'])([^"']+)\1\s*\)""")

_SCRIPT = """\
(() => {{
const modules = {{
{modules}
}};
const made = {{}};
function load(id) {{
  if (!made[id]) {{
    const module = (made[id] = {{ exports: {{}} }});
    const [names, run] = modules[id];
    run.call(module.exports, module, module.exports, (name) => load(names[name]));
  }}
  return made[id].exports;
}}
globalThis.{name} = load({entry});
}})();
"""


def link(package: str, node_modules: Path, *, name: str, given: Mapping[str, Path]) -> str:
    """Return a classic script that sets `globalThis.<name>` to what the package exports.

    `given` are files for modules that only Node has. Problem for a module that is nowhere.
    """
    ids: dict[Path, int] = {}
    linked: list[str] = []
    waiting = [_find(package, node_modules, node_modules, given)]
    ids[waiting[0]] = 0
    while waiting:
        file = waiting.pop()
        source = file.read_text(encoding="utf-8")
        names = {}
        for wanted in sorted({match[2] for match in _REQUIRE.finditer(source)}):
            found = _find(wanted, file.parent, node_modules, given)
            if found not in ids:
                ids[found] = len(ids)
                waiting.append(found)
            names[wanted] = ids[found]
        linked.append(
            f"{ids[file]}: [{json.dumps(names)}, function (module, exports, require) {{\n{source}\n}}],"
        )
    return _SCRIPT.format(modules="\n".join(linked), name=name, entry=0)


def _find(wanted: str, folder: Path, node_modules: Path, given: Mapping[str, Path]) -> Path:
    """Return the file that `wanted` means in a file of `folder`, by Node's rules as far as packages here use them."""
    if wanted in given:
        return given[wanted]
    base = folder / wanted if wanted.startswith(".") else node_modules / wanted
    description = base / "package.json"
    if description.is_file():
        base = base / json.loads(description.read_text(encoding="utf-8")).get("main", "index.js")
    for candidate in (base, base.with_name(f"{base.name}.js"), base / "index.js"):
        if candidate.is_file():
            return candidate.resolve()
    raise Problem(f"No JavaScript module {wanted} for {folder}.")
