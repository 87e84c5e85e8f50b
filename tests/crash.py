"""How a program is made to crash by itself."""

import re
from pathlib import Path


def crash(pid: int) -> None:
    """Overwrite the code of the program, as a bug might: its next step is none that a processor
    takes. A signal from outside would not do: the first process behind walls does not hear it.
    """
    process = Path("/proc") / str(pid)
    program = str((process / "exe").readlink())
    with (process / "mem").open("r+b", buffering=0) as memory:
        for line in (process / "maps").read_text().splitlines():
            found = re.match(r"([0-9a-f]+)-([0-9a-f]+) r-xp .* (/.*)$", line)
            if found and found[3] == program:
                start, end = int(found[1], 16), int(found[2], 16)
                memory.seek(start)
                memory.write(bytes(end - start))
