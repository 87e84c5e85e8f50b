"""`make bench`: the figures that the product is held to, as ratios and counts.

Each module has `measure() -> list[Figure]`; the machine is shared and noisy, so nothing here is a
wall-clock promise, and no test in the suite depends on it.
"""

import argparse
import importlib
import sys

from benchmarks.figures import Figure

MODULES = (
    "idle_memory",
    "page_queries",
    "roster_import",
    "tree_move",
    "roster_pages",
    "review_queue",
    "rule_enrolment",
    "beats",
    "weak_line",
    "preview_latency",
    "library_search",
    "report_pages",
)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("modules", nargs="*", default=MODULES, metavar="MODULE")
    figures: list[Figure] = []
    for name in options.parse_args().modules:
        print(f"… {name}", file=sys.stderr, flush=True)
        figures += importlib.import_module(f"benchmarks.{name}").measure()
    width = max(len(figure.name) for figure in figures)
    for figure in figures:
        print(figure.line(width=width))
    return 0 if all(figure.reached for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
