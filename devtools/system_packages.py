"""Packages of the operating system, which only root may install."""

import os
import shutil

from devtools.processes import succeeds
from devtools.say import say


def apt_install(*packages: str) -> bool:
    """Install Debian packages if we may (root, with apt-get); whether they are in now."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    say(f"Installing {', '.join(packages)} with apt-get …")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "--yes", "--no-install-recommends", *packages]
    return succeeds(install, env=quiet) or (  # the lists of a fresh image are empty or old
        succeeds(["apt-get", "update", "-qq"], env=quiet) and succeeds(install, env=quiet)
    )
