"""Where things are in the checkout."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
DATA = ROOT / "var"


def site_packages() -> Path:
    """The folder that wheels are installed into; the environment must exist."""
    return next((VENV / "lib").glob("python3*/site-packages"))
