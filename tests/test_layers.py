"""An app imports only from apps below it; news goes up by signals."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings

LAYERS = [
    "common",
    "accounts",
    "catalog",
    "access",
    "media_pipeline",
    "broadcasts",
    "trailers",
    "orders",
    "chat",
    "calls",
    "reviews",
    "demo",
    "livecommerce",
]
ROOT = Path(__file__).parents[1]
OURS = [layer for layer in LAYERS if any((ROOT / layer).glob("*.py"))]
# What refers to a model by a text: settings.AUTH_USER_MODEL is Django's own way and always points down.
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "get_model"}


def named_modules(tree: ast.AST) -> Iterator[str]:
    """Every module an import statement names, wherever it stands, and every app a relation names as a text."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(
                func=ast.Attribute(attr=name) | ast.Name(id=name), args=[*given], keywords=keywords
            ):
                if name in RELATIONS:
                    given += [keyword.value for keyword in keywords if keyword.arg in ("to", "through")]
                    yield from texts(given)
                elif name in ("import_module", "import_string"):
                    yield from texts(given)


def texts(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def code_of(app: str) -> list[Path]:
    """Its files, without tests (they may use the makers of all apps)."""
    return [path for path in (ROOT / app).rglob("*.py") if "tests" not in path.relative_to(ROOT).parts]


def higher_apps(app: str, source: str) -> set[str]:
    """Which apps above `app` the source names."""
    higher = set(LAYERS[LAYERS.index(app) + 1 :])
    return {name.partition(".")[0] for name in named_modules(ast.parse(source))} & higher


@pytest.mark.parametrize("app", OURS)
def test_an_app_imports_only_what_is_below_it(app):
    files = code_of(app)
    assert files
    for path in files:
        found = higher_apps(app, path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)} imports {sorted(found)}"


@pytest.mark.parametrize("app", OURS)
def test_no_app_imports_tests_or_tools(app):
    for path in code_of(app):
        names = {
            name.partition(".")[0] for name in named_modules(ast.parse(path.read_text(encoding="utf-8")))
        }
        assert not names & {"tests", "devtools", "benchmarks", "conftest"}, path


@pytest.mark.parametrize(
    "source",
    [
        "import chat",
        "import chat.models as m",
        "from chat.models import Room",
        "def f():\n    from chat import models",
        "if TYPE_CHECKING:\n    from chat.models import Room",
        "models.ForeignKey('chat.Room', on_delete=models.CASCADE)",
        "models.ManyToManyField(to='chat.Room')",
        "models.ManyToManyField(Product, through='chat.Seat')",
        "apps.get_model('chat', 'Room')",
        "import_string('chat.models.Room')",
    ],
)
def test_the_rule_sees_every_way_up(source):
    assert higher_apps("broadcasts", source) == {"chat"}
    assert higher_apps("reviews", source) == set()


def test_foreign_keys_lead_down():
    for model in apps.get_models():
        app = model._meta.app_label
        if app not in LAYERS:
            continue
        for field in model._meta.get_fields(include_hidden=False):
            related = field.related_model if field.is_relation and not field.auto_created else None
            if related and related._meta.app_label in LAYERS:
                assert LAYERS.index(related._meta.app_label) <= LAYERS.index(app), field


def test_every_app_of_ours_has_its_layer():
    ours = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert ours <= set(LAYERS)
    installed = [app for app in settings.INSTALLED_APPS if app in LAYERS]
    assert installed == sorted(installed, key=LAYERS.index)
