"""Run a command that gets a signal when its parent dies: `python die_with_parent.py PARENT SIGNAL USER COMMAND...`.

USER is a user name to switch to first, or "-"; PARENT 0 means the process that starts us. This works on Linux only;
elsewhere the command just runs.
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1


def main(parent: int, signal_number: int, user: str, command: list[str]) -> None:
    if user != "-":
        account = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    if sys.platform == "linux":
        # Set after the change of user, which would clear it; it survives exec.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal_number)
        if parent and os.getppid() != parent:
            sys.exit(1)  # the parent died before this was set
    try:
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f"{command[0]}: {error.strerror}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4:])
