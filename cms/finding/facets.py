"""What results can be narrowed down by, and what the choices are called.

One entry adds a filter: its choices are counted, offered and kept in addresses like all others.
What a lecture is under all of them stands in one short text of its cell (`cells`), which the
database makes: `,s=skills,t=5,t=7,l=10,y=2026,`. Units are no entry: they are the shelves, which
have addresses of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, Func, OuterRef, Subquery, TextField, Value, When
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.curated import Audience, Listed, Topic
from cms.finding.counting import Cell
from cms.models import LecturePage, Subject
from cms.standing import FLAGS, SELECTED


@dataclass(frozen=True)
class Facet:
    """`name` stands in addresses, `letter` in cells. `marks` is the database's expression for what
    a lecture is under it, in the form of a cell. `names` gives the words of choices, in the order
    in which they are offered.
    """

    name: str
    letter: str
    label: Any
    marks: Any
    allows: Callable[[str], bool]
    names: Callable[[Collection[str]], Mapping[str, str]]

    def cleaned(self, asked: str) -> str:
        return asked if self.allows(asked) else ""

    def mark(self, key: str) -> str:
        return f"{self.letter}={key}"


def _of(words: Mapping[str, Any]) -> Callable[[Collection[str]], Mapping[str, str]]:
    """Names that never change."""
    return lambda keys: {key: str(name) for key, name in words.items() if key in keys}


class _Text(Func):
    """One behind the other, in one go: Django's Concat nests, deeper than SQLite parses."""

    template = "(%(expressions)s)"
    arg_joiner = " || "
    output_field = TextField()


def _marked(letter: str, key: Any) -> Any:
    return _Text(Value(f"{letter}="), key)


class _Joined(Subquery):
    """The rows' marks, in their order."""

    template = "COALESCE((SELECT STRING_AGG(mark, ',') FROM (%(subquery)s) AS marks), '')"
    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        template = self.template.replace("STRING_AGG", "GROUP_CONCAT")
        return self.as_sql(compiler, connection, template=template)


def _listed(field: str, letter: str, model: type[Listed], label: Any) -> Facet:
    """A filter by the words of a list that curators keep, of which a lecture has several."""
    name = model._meta.model_name or ""
    links: Any = getattr(LecturePage, field).through.objects.filter(lecturepage=OuterRef("pk"))
    mark = _marked(letter, Cast(name, CharField()))

    def names(keys: Collection[str]) -> Mapping[str, str]:
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", "name") if keys else ()
        return {str(pk): word for pk, word in rows}

    return Facet(
        name=name,
        letter=letter,
        label=label,
        marks=_Joined(links.order_by(f"{name}_id").annotate(mark=mark).values("mark")),
        # Longer keys exist in no database.
        allows=lambda asked: re.fullmatch(r"[1-9]\d{0,8}", asked, re.ASCII) is not None,
        names=names,
    )


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
    letter="s",
    label=_("Subject"),
    marks=_marked("s", F("subject")),
    allows=lambda asked: asked in Subject.values,
    names=_of(dict(Subject.choices)),
)
LENGTH = Facet(
    name="length",
    letter="l",
    label=_("Length"),
    marks=Case(
        *(When(asset__duration__lte=end, then=Value(f"l={key}")) for key, end in LENGTHS.items()),
        When(asset__duration__isnull=False, then=Value(f"l={LONGER}")),
        default=Value(""),
        output_field=TextField(),
    ),
    allows=lambda asked: asked in LENGTH_NAMES,
    names=_of(LENGTH_NAMES),
)
YEAR = Facet(
    name="year",
    letter="y",
    label=_("Year"),
    # By text: SQLite has no function for it, and its triggers cannot call Python's.
    marks=_marked("y", Coalesce(Substr(Cast("recorded_on", CharField()), 1, 4), Value(""))),
    allows=lambda asked: re.fullmatch(r"[12]\d{3}", asked, re.ASCII) is not None,
    names=lambda keys: {
        key: gettext("Recorded in %(year)s") % {"year": key} for key in sorted(keys, reverse=True)
    },
)
TOPIC = _listed("topics", "t", Topic, _("Topic"))
AUDIENCE = _listed("audiences", "a", Audience, _("Audience"))
STATE = Facet(
    name="state",
    letter="d",
    label=_("State"),
    marks=_Text(
        *(
            Case(
                When(**{FLAGS[kind]: True}, then=Value(f"d={kind},")),
                default=Value(""),
                output_field=TextField(),
            )
            for kind in SELECTED
        )
    ),
    allows=lambda asked: asked in SELECTED,
    names=_of({str(kind): kind.label for kind in SELECTED}),
)
FACETS = (SUBJECT, TOPIC, AUDIENCE, LENGTH, YEAR, STATE)


def all_marks() -> Any:
    """The database's expression for the marks of a cell, each between commas."""
    pieces = [piece for facet in FACETS for piece in (Value(","), facet.marks)]
    return _Text(*pieces, Value(","))


def cell_of(marks: str) -> Cell:
    """What a lecture of these marks is under each filter, in the order of FACETS."""
    keys: dict[str, list[str]] = {facet.letter: [] for facet in FACETS}
    for mark in filter(None, marks.split(",")):
        letter, _is, key = mark.partition("=")
        keys[letter].append(key)
    return tuple(",".join(found) for found in keys.values())
