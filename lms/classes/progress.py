"""The manager's table: who in my units has learnt what in a class.

Starts at `Enrolment.objects.visible_to(user)`: totals, columns and filters all count the same
people. Whoever is exempt stands outside of these, with a filter and rows of their own. Rows name
those whom the user may see today: whoever went elsewhere since the enrolment stays in the figures
and is not named. A fixed number of queries for any number of learners, rows a page at a time. Names
are masked as in every list (`organizations.people.masking`), and a search finds a name only where
it is read in clear.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lms.classes.asks import Asks, Done, done_by
from lms.classes.cards import class_card
from lms.classes.models import ClassItem, Enrolment, EnrolmentQuerySet, ItemDone, TrainingClass
from lms.classes.pages import items_in_order
from lms.classes.permissions import check_can_see_progress, learners_seen_by
from lms.ledger.standings import exempt_people
from lms.watching.models import Completion, PlaySession
from lms.watching.strips import Strip, people_strips
from lms.watching.wording import missing_text
from organizations import scope
from organizations.models import Membership
from organizations.people.viewer import Viewer

PER_PAGE = 50
QUERY_LENGTH = 60
STATES = ("all", "done", "part", "none", "exempt")
# Unit names written out at the head of the table; more posts than that are rare.
MOST_UNITS = 3


@dataclass
class Column:
    number: int
    title: str
    url: str
    is_required: bool
    completed_count: int


@dataclass
class Cell:
    lecture_title: str
    strip: Strip | None
    percent: int
    state: str
    missing_text: str
    completed_at: dt.datetime | None


@dataclass
class Row:
    person_name: str
    organization_name: str
    required_done: int
    completed_at: dt.datetime | None
    is_exempt: bool
    cells: list[Cell]


@dataclass(frozen=True)
class Wish:
    """What somebody asked of the table, cleaned."""

    state: str
    query: str

    @classmethod
    def of(cls, request: HttpRequest) -> Wish:
        state = request.GET.get("state", "")
        query = " ".join(request.GET.get("q", "").split())[:QUERY_LENGTH]
        return cls(state if state in STATES else "all", query)

    def address(self, **changes: str) -> str:
        """The query string of the wish with changes, without what is the default."""
        asked = {"state": self.state, "q": self.query} | changes
        return urlencode({key: value for key, value in asked.items() if value not in ("", "all")})


def progress_context(
    *,
    user: Any,
    training_class: TrainingClass,
    request: HttpRequest,
    now: dt.datetime | None = None,
) -> dict[str, Any]:
    """Raises PermissionDenied for those who look after neither the class nor anybody in it."""
    now = now or timezone.now()
    check_can_see_progress(user, training_class)
    items = items_in_order(training_class)
    wish = Wish.of(request)
    learners = _with_state(learners_seen_by(user, training_class), items, user)
    parts = _parts(learners)
    totals = _totals(parts)
    viewer = Viewer.of(request)
    chosen = [one for one in parts if wish.state in ("all", one.state)]
    asked = _asked(learners, wish, viewer)
    found = _parts(asked) if wish.query else parts
    rows = asked.filter(STATE.get(wish.state, Q()), Q(here=True))
    shown = [one for one in found if one.here and wish.state in ("all", one.state)]
    by_unit: Any = _ByUnit(rows, shown)  # a paginator asks no more of it than that
    paginator: Paginator[Any] = Paginator(by_unit, PER_PAGE)
    page = paginator.get_page(request.GET.get("p"))
    asks = Asks.of(items, training_class.electives_needed)
    prefix = wish.address()
    return {
        "training_class": class_card(
            training_class, asks.criterion.standing({}), today=timezone.localdate(now)
        ),
        "scope_name": _scope_name(user),
        "generated_at": now,
        "totals": totals,
        "columns": _columns(items, learners, request),
        "rows": Page(_rows(page, items, viewer), page.number, paginator),
        "elsewhere": 0 if wish.query else sum(one.people for one in chosen if not one.here),
        "names_are_hidden": not viewer.is_open,
        "filters": _filters(wish, totals),
        "query": wish.query,
        "query_prefix": f"{prefix}&" if prefix else "",
    }


def _with_state(
    learners: EnrolmentQuerySet, items: list[ClassItem], user: Any
) -> EnrolmentQuerySet:
    """Learners with `begun`: whether anything of the class was watched; `exempt`; and `here`:
    whether the user may see them today.
    """
    lectures = [item.lecture for item in items if item.lecture is not None]
    assets = [lecture.asset_id for lecture in lectures if lecture.asset_id]
    watched = PlaySession.objects.counted().filter(
        user=OuterRef("user"), asset__in=assets, accepted__gt=0
    )
    completed = Completion.objects.filter(user=OuterRef("user"), lecture__in=lectures)
    ticked = ItemDone.objects.filter(user=OuterRef("user"), item__in=items)
    ties = Membership.objects.current().within_scope_of(user).filter(user=OuterRef("user"))
    return learners.annotate(
        begun=Exists(watched) | Exists(completed) | Exists(ticked),
        exempt=exempt_people(),
        # As `User.objects.visible_to`, asked of each learner.
        here=Q(user=user) | Exists(ties),
    )


ASKED, EXEMPT = Q(exempt=False), Q(exempt=True)
STATE = {
    "done": ASKED & Q(completed_at__isnull=False),
    "part": ASKED & Q(completed_at__isnull=True, begun=True),
    "none": ASKED & Q(completed_at__isnull=True, begun=False),
    "exempt": EXEMPT,
}


@dataclass(frozen=True, slots=True)
class _Part:
    """How many learners of a branch stand alike. `path` is "" for those who had no branch."""

    path: str
    state: str
    here: bool
    people: int


def _parts(learners: EnrolmentQuerySet) -> list[_Part]:
    """All that is counted and paged, in one query."""
    rows = learners.annotate(
        state=Case(*(When(when, then=Value(state)) for state, when in STATE.items()))
    )
    counted = rows.order_by().values("organization__path", "state", "here")
    counted = counted.annotate(people=Count("pk"))
    return [
        _Part(path or "", *values)
        for path, *values in counted.values_list("organization__path", "state", "here", "people")
    ]


def _totals(parts: list[_Part]) -> dict[str, int]:
    people = Counter[str]()
    for one in parts:
        people[one.state] += one.people
    return {
        "enrolled": people["done"] + people["part"] + people["none"],
        "completed": people["done"],
        "in_progress": people["part"],
        "not_started": people["none"],
        "exempt": people["exempt"],
    }


class _ByUnit:
    """Learners in the order of the tree and of names, for a paginator: a slice reads and sorts
    those of the branches that it falls into, not all.
    """

    def __init__(self, learners: EnrolmentQuerySet, parts: list[_Part]) -> None:
        self.learners = learners
        people = Counter[str]()
        for one in parts:
            people[one.path] += one.people
        self.people = dict(sorted(people.items()))

    def __len__(self) -> int:
        return sum(self.people.values())

    def __getitem__(self, wanted: slice) -> list[Enrolment]:
        skipped, before, paths = 0, 0, []
        for path, n in self.people.items():
            if before >= wanted.stop:
                break
            if before + n > wanted.start:
                paths.append(path)
            else:
                skipped += n
            before += n
        rows = self.learners.filter(organization__path__in=paths)
        if "" in paths:
            rows = self.learners.filter(
                Q(organization__path__in=paths) | Q(organization__isnull=True)
            )
        rows = rows.select_related("user", "organization").order_by(
            F("organization__path").asc(nulls_first=True), "user__name", "pk"
        )
        return list(rows[wanted.start - skipped : wanted.stop - skipped])


def _asked(learners: EnrolmentQuerySet, wish: Wish, viewer: Viewer) -> EnrolmentQuerySet:
    known = Q()
    if not viewer.is_open:
        # A hidden name that were searched could be spelt out, a character at a time.
        own = Membership.objects.current().filter(organization__in=viewer.managed)
        known = Q(user=viewer.user) | Q(user__in=own.values("user"))
    for word in wish.query.split():
        by_name = Q(user__name__icontains=word) & known
        learners = learners.filter(by_name | Q(organization__name__icontains=word))
    return learners


def _rows(enrolments: Iterable[Enrolment], items: list[ClassItem], viewer: Viewer) -> list[Row]:
    people = list(enrolments)
    # Known to the people of a unit is who belongs to it today, not who did at the enrolment.
    own = Membership.objects.current().filter(
        user__in=[one.user_id for one in people], organization__in=viewer.managed
    )
    units = dict(own.values_list("user_id", "organization_id"))
    strips = people_strips(
        user_ids=[one.user_id for one in people],
        lectures=[item.lecture for item in items if item.lecture is not None],
    )
    # Of lectures the strips say it.
    others = Asks.of((one for one in items if one.lecture_id is None), 0)
    done = done_by([one.user_id for one in people], [others])
    rows = []
    for one in people:
        learnt = done.get(one.user_id, {})
        cells = [
            _cell(item, strips.get((one.user_id, item.lecture_id or 0)), learnt) for item in items
        ]
        required = [cell for item, cell in zip(items, cells, strict=True) if item.is_required]
        rows.append(
            Row(
                person_name=viewer.name(one.user, units.get(one.user_id)),
                organization_name=one.organization.name if one.organization else "",
                required_done=sum(cell.state == "done" for cell in required),
                completed_at=one.completed_at,
                is_exempt=one.exempt,  # type: ignore[attr-defined]
                cells=cells,
            )
        )
    return rows


def _cell(item: ClassItem, strip: Strip | None, done: Done) -> Cell:
    at = done.get(item.pk) or (strip.completed_at if strip else None)
    state = "done" if at else strip.state if strip else "none"
    return Cell(
        lecture_title=item.name,
        strip=strip,
        percent=strip.percent if strip else 0,
        state=state,
        missing_text=missing_text(strip.missing_seconds) if strip and state == "part" else "",
        completed_at=at,
    )


def _columns(
    items: list[ClassItem], learners: EnrolmentQuerySet, request: HttpRequest
) -> list[Column]:
    counts: dict[tuple[str, int], int] = {}
    people = learners.filter(ASKED).order_by().values("user")
    lectures = [one.lecture_id for one in items if one.lecture_id]
    others = [one for one in items if not one.lecture_id]
    for rows, what in (
        (Completion.objects.filter(lecture__in=lectures), "lecture"),
        (ItemDone.objects.filter(item__in=others), "item"),
    ):
        counted = rows.filter(user__in=people).order_by().values(what)
        counted = counted.annotate(people=Count("user", distinct=True))
        counts |= {(what, pk): n for pk, n in counted.values_list(what, "people")}
    return [
        Column(
            number=number,
            title=item.name,
            url=(item.lecture.get_url(request) or "") if item.lecture is not None else "",
            is_required=item.is_required,
            completed_count=counts.get(
                ("lecture", item.lecture_id) if item.lecture_id else ("item", item.pk), 0
            ),
        )
        for number, item in enumerate(items, start=1)
    ]


def _filters(wish: Wish, totals: dict[str, int]) -> list[dict[str, Any]]:
    labels = {
        "all": (pgettext("people", "All"), totals["enrolled"] + totals["exempt"]),
        "done": (pgettext("people", "Completed"), totals["completed"]),
        "part": (pgettext("people", "Learning"), totals["in_progress"]),
        "none": (pgettext("people", "Not begun"), totals["not_started"]),
    }
    if totals["exempt"]:
        labels["exempt"] = (pgettext("people", "Exempt"), totals["exempt"])
    return [
        {
            "label": label,
            "count": count,
            "url": f"?{wish.address(state=state)}",
            "active": wish.state == state,
        }
        for state, (label, count) in labels.items()
    ]


def _scope_name(user: Any) -> str:
    units = sorted(scope.managed_units(user), key=lambda unit: unit.path)
    names = [
        unit.name
        for unit in units
        # A unit below another of the same person adds nothing to the scope.
        if not any(unit.path.startswith(other.path) and unit != other for other in units)
    ]
    names = list(dict.fromkeys(names))
    text = pgettext("between units", ", ").join(names[:MOST_UNITS])
    return text if len(names) <= MOST_UNITS else _("%(units)s and others") % {"units": text}
