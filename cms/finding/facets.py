"""What results can be narrowed down by, and what the choices are called.

One entry adds a filter: its choices are counted, offered and kept in addresses like all others.
`key` is what a lecture is under it, as a short text that the database makes; under a filter by
which it is several things, these joined by commas. Units are no entry: they are the shelves, which
have addresses of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Aggregate, Case, CharField, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Coalesce, Substr
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cms.curated import Audience, Listed, Topic
from cms.models import LecturePage, LecturePageQuerySet, Subject
from cms.standing import FLAGS, SELECTED, Standing


@dataclass(frozen=True)
class Facet:
    """`name` stands in addresses; `names` gives the words of choices, in the order in which they
    are offered. `condition` finds what has a choice where its key alone does not.
    """

    name: str
    label: Any
    key: Any
    allows: Callable[[str], bool]
    names: Callable[[Collection[str]], Mapping[str, str]]
    condition: Callable[[str], Q] | None = None

    def cleaned(self, asked: str) -> str:
        return asked if self.allows(asked) else ""

    def applied(self, lectures: LecturePageQuerySet, wanted: str) -> LecturePageQuerySet:
        if self.condition:
            return lectures.filter(self.condition(wanted))
        return lectures.alias(**{f"facet_{self.name}": self.key}).filter(
            **{f"facet_{self.name}": wanted}
        )


def _of(words: Mapping[str, Any]) -> Callable[[Collection[str]], Mapping[str, str]]:
    """Names that never change."""
    return lambda keys: {key: str(name) for key, name in words.items() if key in keys}


class _Joined(Aggregate):
    function = "STRING_AGG"
    template = "%(function)s(%(expressions)s, ',')"
    output_field = CharField()

    def as_sqlite(self, *args: Any, **options: Any) -> Any:
        return self.as_sql(*args, function="GROUP_CONCAT", **options)


def _listed(field: str, model: type[Listed], label: Any) -> Facet:
    """A filter by the words of a list that curators keep, of which a lecture has several."""
    name = model._meta.model_name or ""
    links: Any = getattr(LecturePage, field).through.objects.filter(lecturepage=OuterRef("pk"))
    joined = links.values("lecturepage").annotate(keys=_Joined(Cast(name, CharField())))

    def names(keys: Collection[str]) -> Mapping[str, str]:
        rows = model._default_manager.filter(pk__in=keys).values_list("pk", "name") if keys else ()
        return {str(pk): word for pk, word in rows}

    return Facet(
        name=name,
        label=label,
        key=Coalesce(Subquery(joined.values("keys")), Value(""), output_field=CharField()),
        # Longer keys exist in no database.
        allows=lambda asked: re.fullmatch(r"[1-9]\d{0,8}", asked, re.ASCII) is not None,
        names=names,
        condition=lambda wanted: Q(**{field: wanted}),
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
    label=_("Subject"),
    key=F("subject"),
    allows=lambda asked: asked in Subject.values,
    names=_of(dict(Subject.choices)),
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
    names=_of(LENGTH_NAMES),
)
YEAR = Facet(
    name="year",
    label=_("Year"),
    # By text: SQLite has no function for it, and Python's is slow for a whole library.
    key=Coalesce(
        Substr(Cast("recorded_on", CharField()), 1, 4), Value(""), output_field=CharField()
    ),
    allows=lambda asked: re.fullmatch(r"[12]\d{3}", asked, re.ASCII) is not None,
    names=lambda keys: {
        key: gettext("Recorded in %(year)s") % {"year": key} for key in sorted(keys, reverse=True)
    },
)
TOPIC = _listed("topics", Topic, _("Topic"))
AUDIENCE = _listed("audiences", Audience, _("Audience"))
STATE = Facet(
    name="state",
    label=_("State"),
    key=Case(
        When(is_premium=True, is_in_library=True, then=Value("premium,library")),
        *(When(**{FLAGS[kind]: True}, then=Value(str(kind))) for kind in SELECTED),
        default=Value(""),
        output_field=CharField(),
    ),
    allows=lambda asked: asked in SELECTED,
    names=_of({str(kind): kind.label for kind in SELECTED}),
    condition=lambda wanted: Q(**{FLAGS[Standing.Kind(wanted)]: True}),
)
FACETS = (SUBJECT, TOPIC, AUDIENCE, LENGTH, YEAR, STATE)


def keys() -> dict[str, Any]:
    """The annotations that make a lecture's cell (`counting`), in the order of FACETS."""
    return {f"facet_{facet.name}": facet.key for facet in FACETS}
