"""Start a program politely and on a leash: `leash.py PARENT_PID COMMAND…` becomes COMMAND.

It runs at a lower priority, so that live video and pages stay smooth, and the kernel kills it should its parent die
(Linux only; elsewhere it runs to its end and what it made is thrown away). Run as a script, so that nothing is done
between fork and exec of a process that has threads.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
NICENESS = 10


def main(parent: int, command: list[str]) -> None:
    os.nice(NICENESS)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execv(command[0], command)  # noqa: S606 - replacing ourselves is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
