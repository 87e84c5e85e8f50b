"""Figures for the demo: counted at once, so that nobody waits for the scheduler's first round."""

from __future__ import annotations

from lms.reports.class_tallies import runs_count
from lms.reports.counting import marks_count
from lms.reports.looking import look


def figures_seed() -> None:
    look()
    marks_count()
    runs_count()
