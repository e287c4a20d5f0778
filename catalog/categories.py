"""The category tree, kept in each process: it is read by every page and changes a few times a year."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models.signals import post_delete, post_save

from catalog.models import Category

KEPT_SECONDS = 10.0
"""How long another process may go on showing the tree as it was before staff changed it."""


@dataclass(frozen=True, eq=False)
class Node:
    """A category with its place in the tree."""

    pk: int
    name: str
    slug: str
    parent: "Node | None" = field(repr=False)
    children: "list[Node]" = field(default_factory=list, repr=False)

    @property
    def path(self) -> "list[Node]":
        """From the root down to this one."""
        return [*(self.parent.path if self.parent else []), self]

    @property
    def family(self) -> "Iterator[Node]":
        """This one and everything below it."""
        yield self
        for child in self.children:
            yield from child.family


@dataclass(frozen=True)
class Tree:
    """All categories. `roots` are in the order in which staff put them."""

    roots: list[Node]
    by_pk: dict[int, Node]
    by_slug: dict[str, Node]


_kept: tuple[float, Tree] | None = None


def category_tree() -> Tree:
    """Return the tree, at most KEPT_SECONDS old; usually without a query."""
    global _kept
    now = time.monotonic()
    if _kept is None or now - _kept[0] > KEPT_SECONDS:
        _kept = now, _load()
    return _kept[1]


def forget_categories(**_: object) -> None:
    """Have the next reader of this process ask the database."""
    global _kept
    _kept = None


def _load() -> Tree:
    rows = list(Category.objects.order_by("position", "pk"))
    below: dict[int | None, list[Category]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    tree = Tree(roots=[], by_pk={}, by_slug={})

    def grow(parent: Node | None) -> list[Node]:
        nodes = []
        for row in below.get(parent.pk if parent else None, []):
            node = Node(row.pk, row.name, row.slug, parent)
            tree.by_pk[node.pk] = tree.by_slug[node.slug] = node
            node.children.extend(grow(node))
            nodes.append(node)
        return nodes

    tree.roots.extend(grow(None))
    return tree


post_save.connect(forget_categories, sender=Category)
post_delete.connect(forget_categories, sender=Category)
