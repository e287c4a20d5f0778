"""Start a program that ends with its parent: `leash.py PARENT_PID SIGNAL USER COMMAND…` becomes COMMAND.

Should ./dev be killed outright, the kernel sends SIGNAL to each program it started (Linux only; elsewhere the
program simply runs). USER, when not empty, is the account to run as. Run as a script, so that nothing is done
between fork and exec of a process that has threads.
"""

import ctypes
import os
import pwd
import sys

_PR_SET_PDEATHSIG = 1


def main(parent: int, signal_number: int, user: str, command: list[str]) -> None:
    if user:
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    if sys.platform == "linux":  # after the change of user, which clears it
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal_number)
        if os.getppid() != parent:
            sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - replacing ourselves is the purpose
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
