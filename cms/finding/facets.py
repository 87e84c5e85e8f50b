"""What results can be narrowed down by, and what the choices are called.

One entry adds a filter: its choices are counted, offered and kept in addresses like all others.
`key` is what a lecture is under it, as a short text that the database makes; under a filter by
which it is several things, joined by commas (`contains` then). Units are no entry: they are the
shelves, which have addresses of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Value, When
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.models import LecturePageQuerySet, Subject


@dataclass(frozen=True)
class Facet:
    """`name` stands in addresses; `label_of` names a choice; `order` puts choices in a row."""

    name: str
    label: Any
    key: Any
    allows: Callable[[str], bool]
    label_of: Callable[[str], str]
    order: Callable[[str], Any]
    contains: bool = False

    def cleaned(self, asked: str) -> str:
        return asked if self.allows(asked) else ""

    def applied(self, lectures: LecturePageQuerySet, wanted: str) -> LecturePageQuerySet:
        kept = lectures.alias(**{f"facet_{self.name}": self.key})
        if self.contains:
            within = {f"facet_{self.name}__regex": rf"(^|,){re.escape(wanted)}(,|$)"}
            return kept.filter(**within)
        return kept.filter(**{f"facet_{self.name}": wanted})


# Upper ends of lengths in seconds; micro lectures last about ten minutes.
LENGTHS = {"5": 300, "10": 600, "20": 1200}
LONGER = "more"
LENGTH_NAMES = {
    "5": _("Up to 5 minutes"),
    "10": _("5 to 10 minutes"),
    "20": _("10 to 20 minutes"),
    LONGER: _("Over 20 minutes"),
}

SUBJECT = Facet(
    name="subject",
    label=_("Subject"),
    key=F("subject"),
    allows=lambda asked: asked in Subject.values,
    label_of=lambda key: str(Subject(key).label),
    order=Subject.values.index,
)
LENGTH = Facet(
    name="length",
    label=_("Length"),
    key=Case(
        *(When(asset__duration__lte=end, then=Value(key)) for key, end in LENGTHS.items()),
        When(asset__duration__isnull=False, then=Value(LONGER)),
        default=Value(""),
        output_field=CharField(),
    ),
    allows=lambda asked: asked in LENGTH_NAMES,
    label_of=lambda key: str(LENGTH_NAMES[key]),
    order=list(LENGTH_NAMES).index,
)
YEAR = Facet(
    name="year",
    label=_("Year"),
    # By text: SQLite has no function for it, and Python's is slow for a whole library.
    key=Coalesce(
        Substr(Cast("recorded_on", CharField()), 1, 4), Value(""), output_field=CharField()
    ),
    allows=lambda asked: re.fullmatch(r"[12]\d{3}", asked, re.ASCII) is not None,
    label_of=lambda key: gettext("Recorded in %(year)s") % {"year": key},
    order=lambda key: -int(key),
)
FACETS = (SUBJECT, LENGTH, YEAR)


def keys() -> dict[str, Any]:
    """The annotations that make a lecture's cell (`counting`), in the order of FACETS."""
    return {f"facet_{facet.name}": facet.key for facet in FACETS}
