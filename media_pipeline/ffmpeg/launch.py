"""Stands between our process and a media program: sets limits, then becomes that program.

Run by path (`python -I -S launch.py NAME=VALUE… -- PROGRAM ARGS…`), never imported, standard
library only. It exists because the worker has threads: Python code between fork and exec
(`preexec_fn`) can deadlock there on a lock that another thread held, and it switches off vfork. A
program of its own has neither problem. It stands before each small picture too, so it imports
neither json nor signal, which would double what it costs.
"""

import ctypes
import os
import resource
import sys

SIGKILL = 9
PR_SET_PDEATHSIG = 1
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38
SECCOMP_MODE_FILTER = 2


class FilterProgram(ctypes.Structure):
    """struct sock_fprog"""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.c_char_p))


def main() -> None:
    end = sys.argv.index("--")
    spec = dict(word.split("=", 1) for word in sys.argv[1:end])
    program = sys.argv[end + 1 :]
    libc = None
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        # Both survive exec: killing our parent with -9 also ends the media program.
        libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
        libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        if os.getppid() != int(spec["parent"]):
            # The parent died before the line above could take effect.
            os._exit(125)
    for name in spec:
        number = getattr(resource, name, None) if name.startswith("RLIMIT_") else None
        if number is None:
            continue
        value = int(spec[name])
        _, hard = resource.getrlimit(number)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        resource.setrlimit(number, (value, value))
    os.nice(int(spec["nice"]))
    if spec["one_cpu"] == "1" and sys.platform == "linux":
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {allowed[os.getpid() % len(allowed)]})
    steps = bytes.fromhex(spec["filter"])
    if steps and libc is not None:
        if spec["walls"] == "1":  # bubblewrap makes a process first and then sets the filter itself
            program[1:1] = ["--seccomp", str(inherited(steps))]
        else:
            filtered = FilterProgram(len(steps) // 8, steps)
            if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(filtered), 0, 0):
                sys.stderr.write("launch: this kernel filters no system calls\n")
    try:
        os.execve(program[0], program, os.environ)  # noqa: S606 - that is its purpose
    except OSError as error:
        sys.stderr.write(f"launch: {program[0]}: {error.strerror}\n")
        os._exit(126)


def inherited(data: bytes) -> int:
    """The number of an open pipe with `data`, less than it holds, that survives exec."""
    reader, writer = os.pipe()
    os.write(writer, data)
    os.close(writer)
    os.set_inheritable(reader, True)
    return reader


if __name__ == "__main__":
    main()
