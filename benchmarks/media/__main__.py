"""`make bench-media`: measures and prints the table; the exit status tells whether all is reached.

CPU is user and system time of all processes of a job, which a shared machine disturbs little.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.media.encoding import COMPARED, Costs, costs, installation
from benchmarks.media.films import KINDS, films
from benchmarks.media.memory import memory
from benchmarks.media.serving import ratio

LEAST_SECONDS = 60
QUALITY = 0.5
RATIOS: tuple[tuple[str, float, Callable[[Costs], float]], ...] = (
    ("CPU of a job / bare one-pass ffmpeg", 1.08, lambda c: c.job / c.bare),
    ("CPU of a job / one process a rendition", 0.45, lambda c: c.job / c.per_rung),
    ("bytes stored / one process a rendition", 0.60, lambda c: c.stored / c.per_rung_stored),
    ("storyboard, poster, loudness / one decode", 0.35, lambda c: c.small / c.decode),
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks.media", description=__doc__)
    parser.add_argument(
        "--films",
        type=Path,
        default=os.environ.get("BENCH_FILMS"),
        help="folder with recordings named slides.*, head.*, handheld.* (1080p); else made ones",
    )
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--seconds", type=int, default=64, help="of film")
    parser.add_argument("--look-seconds", type=float, default=16, help="of film for VMAF")
    parser.add_argument(
        "--parts", nargs="+", choices=PARTS, default=PARTS, help="what to measure (all)"
    )
    options = parser.parse_args()
    if options.seconds < LEAST_SECONDS:
        sys.stderr.write(f"  fewer than {LEAST_SECONDS} s of film: no figures to rely on\n")
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="lectern-bench-") as folder:
        work = Path(folder)
        if "serving" in options.parts:
            figures.append(
                Figure("signed segments / plain nginx", ratio(work), 0.9, "x", at_least=True)
            )
        if set(options.parts) & {"encoding", "memory"}:
            made = films(
                work, folder=options.films, seconds=options.seconds, kinds=tuple(options.kinds)
            )
            print("films: " + ", ".join(f"{film.kind} ({film.origin})" for film in made))
            if "encoding" in options.parts:
                with installation(work):
                    found = {
                        film.kind: costs(film, work, look_seconds=options.look_seconds)
                        for film in made
                    }
                figures += _table(found)
            if "memory" in options.parts:
                used = memory(made[-1])  # the one held by hand takes most
                assert used.ladders, "no film was seen while it was encoded"
                figures.append(Figure("worker and ffmpeg, 1080p", used.megabytes, 600, "MB"))
                figures.append(Figure("jobs at once where one fits", used.ladders, 1, ""))
    print()
    for figure in figures:
        print(figure.line(width=46))
    return 0 if all(figure.reached for figure in figures) else 1


PARTS = ("serving", "encoding", "memory")


def _table(found: dict[str, Costs]) -> list[Figure]:
    """Print each kind's figures, and return the worst ones."""
    print(f"{'':46}" + "".join(f"{kind:>11}" for kind in found))
    figures = []
    for name, limit, value in RATIOS:
        values = [value(one) for one in found.values()]
        print(f"{name:46}" + "".join(f"{v:11.3f}" for v in values))
        figures.append(Figure(name, max(values), limit, "x"))
    for lines in COMPARED:
        values = [one.quality[lines] for one in found.values()]
        print(f"{f'VMAF at {lines} lines, difference':46}" + "".join(f"{v:+11.2f}" for v in values))
        name = f"VMAF at {lines} lines below the other's"
        figures.append(Figure(name, max(0.0, -min(values)), QUALITY))
    return figures


if __name__ == "__main__":
    sys.exit(main())
