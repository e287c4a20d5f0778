"""What every template must keep: it compiles, obeys the site's CSP and names only what exists."""

import json
import posixpath
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.core.files.storage import storages
from django.template import Context
from django.template.base import FilterExpression, Variable
from django.template.loader import get_template
from django.template.loader_tags import ExtendsNode, IncludeNode
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from common.static_files import HashedStaticFiles

TEMPLATES = Path(settings.BASE_DIR) / "templates"
STATIC = Path(settings.BASE_DIR) / "static"
NAMES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
STYLES = sorted(STATIC.glob("css/*.css"))
SCRIPTS = sorted(STATIC.glob("js/**/*.js"))
LAYERS = {"reset", "tokens", "base", "components", "pages"}


def source(name: str) -> str:
    return (TEMPLATES / name).read_text()


def markup(name: str) -> str:
    """The template as the browser sees it: without the template language, whose tags hold quotes of their own."""
    return re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", source(name), flags=re.DOTALL)


def parts(name: str) -> Iterator[FilterExpression]:
    """What the template extends and includes."""
    nodes = get_template(name).template.nodelist  # type: ignore[attr-defined]
    yield from (node.template for node in nodes.get_nodes_by_type(IncludeNode))
    yield from (node.parent_name for node in nodes.get_nodes_by_type(ExtendsNode))


def url_names(patterns: list, namespace: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from url_names(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield namespace + pattern.name


def found_in_templates(look: Callable[[str], Iterable[str]]) -> dict[str, list[str]]:
    """Return what `look` found wrong with each template, of those with which something is."""
    return {name: wrong for name in NAMES if (wrong := list(look(name)))}


def test_they_compile_with_everything_they_extend_and_include() -> None:
    for name in NAMES:
        for part in parts(name):
            if not isinstance(part.var, Variable):  # a part chosen by the view is known to the view
                get_template(part.resolve(Context()))


INLINE_CODE = {
    "a script without src": r"<script(?![^>]*\bsrc=)",
    "a script with a body": r"<script[^>]*>\s*[^<\s]",
    "a style element": r"<style\b",
    "a style attribute": r"\sstyle\s*=",
    "an event handler": r"\son[a-z]+\s*=",
    "code that htmx would evaluate": r"\shx-on[:a-z-]*\s*=|javascript:|\bjs:",
    "a trigger filter, which is evaluated as code": r"hx-trigger=\"[^\"]*\[",
}


def inline_code(html: str) -> list[str]:
    return [what for what, pattern in INLINE_CODE.items() if re.search(pattern, html)]


def test_they_have_no_inline_script_style_or_handler() -> None:
    assert found_in_templates(lambda name: inline_code(markup(name))) == {}


@pytest.mark.parametrize(
    ("html", "what"),
    [
        ("<script>go()</script>", ["a script without src", "a script with a body"]),
        ('<script src="a.js">go()</script>', ["a script with a body"]),
        ("<style>p {}</style>", ["a style element"]),
        ('<p style="color: red">', ["a style attribute"]),
        ('<p onclick="go()">', ["an event handler"]),
        ('<p hx-on:click="go()">', ["code that htmx would evaluate"]),
        ('<p hx-trigger="click[ctrlKey]">', ["a trigger filter, which is evaluated as code"]),
        ('<script type="module" src="a.js"></script><p class="style">', []),
    ],
)
def test_inline_code_is_found(html: str, what: list[str]) -> None:
    assert inline_code(html) == what


def used_icons(name: str) -> set[str]:
    return set(re.findall(r"_icon\.html\" with name=\"([^\"]+)\"", source(name)))


def test_the_sprite_list_is_sorted_and_holds_the_icons_in_use_and_no_others() -> None:
    listed = (STATIC / "icons.txt").read_text().split()
    assert listed == sorted(set().union(*map(used_icons, NAMES)))


def test_their_static_files_exist() -> None:
    def missing(name: str) -> list[str]:
        paths = re.findall(r"{% static ['\"]([^'\"]+)['\"] %}", source(name))
        return [path for path in paths if not path.startswith("build/") and finders.find(path) is None]

    assert found_in_templates(missing) == {}


def test_their_addresses_exist() -> None:
    known = set(url_names(get_resolver().url_patterns))
    assert (
        found_in_templates(lambda name: set(re.findall(r"{% url ['\"]([^'\"]+)['\"]", source(name))) - known)
        == {}
    )


def test_every_form_that_posts_carries_the_csrf_token() -> None:
    def bare(name: str) -> list[str]:
        forms = re.findall(r"<form\b.*?</form>", source(name), flags=re.DOTALL)
        return [form for form in forms if 'method="post"' in form and "{% csrf_token %}" not in form]

    assert found_in_templates(bare) == {}


def test_their_korean_is_translatable() -> None:
    def bare(name: str) -> list[str]:
        text = re.sub(r"{% blocktranslate.*?{% endblocktranslate %}", "", source(name), flags=re.DOTALL)
        text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", text, flags=re.DOTALL)
        return re.findall(r"[가-힣]+", text)

    assert found_in_templates(bare) == {}


@pytest.mark.parametrize("path", STYLES, ids=lambda path: path.name)
def test_a_style_sheet_keeps_to_the_layers(path: Path) -> None:
    css = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
    assert set(re.findall(r"@layer (\w+) {", css)) <= LAYERS
    assert "!important" not in css
    assert "@import" not in css
    known = set(re.findall(r"(--[\w-]+):", "".join(sheet.read_text() for sheet in STYLES))) | {"--keyboard"}
    assert set(re.findall(r"var\((--[\w-]+)", css)) <= known


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.relative_to(STATIC)))
def test_a_script_has_no_words_of_its_own_and_builds_no_markup(path: Path) -> None:
    code = re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert not re.findall(r"[가-힣]+", code)
    assert not re.search(r"new (Temporary|Refused)\(\s*[\"'`][^\"'`]", code), "a message is shown"
    assert not re.search(r"innerHTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function", code)


def test_the_imports_of_the_scripts_survive_hashed_names(tmp_path: Path) -> None:
    files = {
        str(path.relative_to(STATIC)): (StaticFilesStorage(STATIC), str(path.relative_to(STATIC)))
        for path in [*SCRIPTS, *STYLES, *STATIC.glob("images/*")]
    }
    storage = HashedStaticFiles(location=tmp_path, base_url="/static/")
    for name, (plain, path) in files.items():
        with plain.open(path) as content:
            storage.save(name, content)
    for name, _, processed in storage.post_process({name: (storage, name) for name in files}):
        assert processed is True or isinstance(processed, str), f"{name}: {processed}"
    for name in files:
        if not name.endswith(".js"):
            continue
        hashed = tmp_path / storage.stored_name(name)
        for target in re.findall(r"(?:from|import) ?\"(\.{1,2}/[^\"]+|/static/[^\"]+)\"", hashed.read_text()):
            place = posixpath.normpath(posixpath.join("/static", posixpath.dirname(name), target))
            place = place.removeprefix("/static/")
            assert (tmp_path / place).is_file(), f"{name} imports {target}"
            assert re.search(r"\.[0-9a-f]{12}\.js$", place), f"{name} imports {target} under its plain name"


def test_an_answer_that_is_no_part_of_the_page_is_told_and_not_swapped_in() -> None:
    """media_pipeline.access answers a script in JSON when its member is signed out."""
    html = source("base.html")
    not_swapped = re.search(r'"noSwap": (\[.*?\])', html)
    assert not_swapped
    assert {401, 403, 404, 429, "5xx"} <= set(json.loads(not_swapped[1]))
    assert "texts.textSignedOut" in (STATIC / "js/site/partials.js").read_text()
    assert "data-text-signed-out=" in html


def test_the_error_page_of_last_resort_needs_no_request() -> None:
    html = get_template("500.html").render()
    assert "잠시 문제가 생겼어요" in html
    assert storages["staticfiles"].url("css/tokens.css") in html


def test_a_page_renders_for_a_guest_without_any_database() -> None:
    request = RequestFactory().get("/terms/")
    html = get_template("accounts/terms.html").render({"site_name": "라이브온"}, request)
    assert "이용약관" in html
    assert 'href="#main"' in html
