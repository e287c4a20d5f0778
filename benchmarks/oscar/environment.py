"""django-oscar installed in var/bench/oscar, so that neither site's packages are in the other's way."""

import os
from collections.abc import Mapping
from pathlib import Path

from benchmarks.parts.site import FOLDER
from devtools import environment
from devtools.processes import output_of

_PACKAGES = (
    "django-oscar[sorl-thumbnail]==4.2.1",
    "django>=5.2,<5.3",  # as ours
    "psycopg[binary]",
    "uvicorn[standard]",
    "gunicorn",
)


def python() -> Path:
    """Return the Python that has django-oscar, installing it on the first call. Problem where that fails."""
    return environment.separate(FOLDER / "oscar", _PACKAGES)


def variables(database_url: str) -> Mapping[str, str]:
    """Return the environment of a program that runs there, on this (PostgreSQL) database."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "DJANGO_SETTINGS_MODULE": "benchmarks.oscar.settings",
        "OSCAR_DATABASE_URL": database_url,
        "OSCAR_MEDIA": str(FOLDER / "oscar-media"),
    }


def seed(database_url: str, *, products: int = 0, stock: int = 0) -> None:
    """Fill an empty database: the tables, `products` of a catalogue, and one product with `stock` pieces to sell."""
    command = [python(), "-m", "benchmarks.oscar.seed", f"--products={products}", f"--stock={stock}"]
    output_of(command, env=variables(database_url), doing="Filling django-oscar's database")
