"""A person's lectures from every room: what is next, begun, new and learnt. Read-only.

Every list is limited in the database, and the number of queries depends neither on how many
lectures there are nor on how many the person has watched.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest
from django.utils import timezone

from cms.cards import CARD, LectureCard, lecture_card, with_cards
from cms.models import LecturePage
from cms.programme.models import Menu
from cms.programme.offers import menu_for, menu_shown
from cms.sequences import cards_in_row
from lms.classes.cards import ClassCard, LearnerClass, learner_classes
from lms.classes.items import Item, class_items, next_item
from lms.classes.models import ClassItem
from lms.watching.models import Completion, PlaySession
from lms.watching.strips import Strip, lecture_strips
from lms.watching.wording import resume_text

RESUMED_HOME = 4
RESUMED_LEARNING = 12
NEW = 8
OFFERED = 4
LEARNT = 24
# Sessions looked through for lectures to go on with; one lecture may have several.
RECENT_SESSIONS = 40
# A lecture of which less was watched was only looked at.
BEGUN_SECONDS = 3


@dataclass
class LearntCard(LectureCard):
    completed_at: dt.datetime | None = None


@dataclass
class CurrentClass(ClassCard):
    """The class that asks for something next, and what: a lecture, a text, a session to go to."""

    next_lecture: LectureCard | None = None
    missing_text: str = ""
    next_text: Item | None = None
    next_session: Item | None = None


@dataclass(frozen=True)
class Begun:
    lecture: LecturePage
    position: float


def home_context(
    *, user: Any, request: HttpRequest, now: dt.datetime | None = None
) -> dict[str, Any]:
    now = now or timezone.now()
    classes = learner_classes(user=user, now=now)
    pending = (one for one in classes if one.is_pending and one.asks.criterion.items)
    current = next(pending, None)
    items = _items(current) if current else []
    begun = _begun(user, RESUMED_HOME)
    new = list(LecturePage.objects.visible_to(user).newest().for_cards().only(*CARD)[:NEW])
    menu = menu_for(user)
    offered = menu_shown(menu, most=OFFERED) if menu else []
    lectures = [item.lecture for item in items if item.lecture is not None]
    shown = lectures + [one.lecture for one in begun] + new + offered
    strips = lecture_strips(user=user, lectures={one.pk: one for one in shown}.values())
    return {
        "greeting_name": user.get_short_name(),
        "current_class": _current(current, items, strips, request, now) if current else None,
        "other_classes": [
            one.card for one in classes if one is not current and one.card.state == "open"
        ],
        "resume": _resume_cards(begun, strips, request, now),
        "new_lectures": _cards(new, strips, request, now),
        "menu": menu,
        "menu_lectures": _menu_cards(menu, offered, strips, request, now) if menu else [],
    }


def learning_context(
    *, user: Any, request: HttpRequest, now: dt.datetime | None = None
) -> dict[str, Any]:
    now = now or timezone.now()
    classes = learner_classes(user=user, now=now)
    begun = _begun(user, RESUMED_LEARNING)
    learnt, learnt_count = _learnt(user)
    lectures = [one.lecture for one in begun] + [one.lecture for one in learnt]
    strips = lecture_strips(user=user, lectures={one.pk: one for one in lectures}.values())
    return {
        "classes": [one.card for one in classes],
        "resume": _resume_cards(begun, strips, request, now),
        "completed": [_learnt_card(one, strips, request, now) for one in learnt],
        "completed_count": learnt_count,
        "class_completed_count": sum(one.card.completed_at is not None for one in classes),
    }


# -- what is shown ---------------------------------------------------------------------------------


def _items(current: LearnerClass) -> list[ClassItem]:
    """The items of a class, required ones first, with what cards show."""
    rows = ClassItem.objects.filter(training_class=current.card.id)
    items = with_cards(rows.select_related("collection"))
    return sorted(items, key=lambda item: (not item.is_required, item.position, item.pk))


def _begun(user: Any, most: int) -> list[Begun]:
    """Published lectures that were begun and not completed, the latest first. One query."""
    completed = Completion.objects.filter(user=user, lecture=OuterRef("lecture"))
    sessions = PlaySession.objects.counted().filter(
        ~Exists(completed), user=user, accepted__gt=BEGUN_SECONDS, lecture__live=True
    )
    latest = with_cards(sessions).defer("seen").order_by("-started_at")[:RECENT_SESSIONS]
    found: dict[int, Begun] = {}
    for session in latest:
        found.setdefault(session.lecture_id, Begun(session.lecture, session.position))
    return list(found.values())[:most]


def _learnt(user: Any) -> tuple[list[Completion], int]:
    """The latest completions, one a lecture, and how many lectures there are. Two queries."""
    completions = Completion.objects.filter(user=user)
    latest = with_cards(completions).order_by("-completed_at")[: LEARNT * 2]
    by_lecture: dict[int, Completion] = {}
    for completion in latest:
        by_lecture.setdefault(completion.lecture_id, completion)
    count = completions.values("lecture").distinct().count()
    return list(by_lecture.values())[:LEARNT], count


# -- cards -----------------------------------------------------------------------------------------


def _cards(
    lectures: Iterable[LecturePage],
    strips: dict[int, Strip],
    request: HttpRequest,
    now: dt.datetime,
) -> list[LectureCard]:
    return [
        dataclasses.replace(
            lecture_card(lecture, request=request, now=now), strip=strips.get(lecture.pk)
        )
        for lecture in lectures
    ]


def _resume_cards(
    begun: list[Begun], strips: dict[int, Strip], request: HttpRequest, now: dt.datetime
) -> list[LectureCard]:
    cards = _cards([one.lecture for one in begun], strips, request, now)
    for card, one in zip(cards, begun, strict=True):
        card.resume_text = resume_text(one.position)
    return cards


def _menu_cards(
    menu: Menu,
    offered: list[LecturePage],
    strips: dict[int, Strip],
    request: HttpRequest,
    now: dt.datetime,
) -> list[LectureCard]:
    cards = _cards(offered, strips, request, now)
    cards_in_row(cards, "menu", menu.pk)
    return cards


def _learnt_card(
    completion: Completion, strips: dict[int, Strip], request: HttpRequest, now: dt.datetime
) -> LearntCard:
    card = lecture_card(completion.lecture, request=request, now=now)
    if not completion.lecture.live:
        card.url = ""
    return LearntCard(
        **(vars(card) | {"strip": strips.get(card.id)}), completed_at=completion.completed_at
    )


def _current(
    current: LearnerClass,
    items: list[ClassItem],
    strips: dict[int, Strip],
    request: HttpRequest,
    now: dt.datetime,
) -> CurrentClass | None:
    """The class with its next lecture; None while everything left in it is being revised."""
    shown = class_items(
        items,
        strips=strips,
        done=current.done,
        request=request,
        now=now,
        is_sequential=current.is_sequential,
    )
    standing = current.asks.criterion.standing(current.done)
    chosen = next_item(shown, standing)
    sessions = [item for item in shown if item.is_to_come and item.starts_at]
    if chosen is None and not sessions and not standing.complete:
        return None
    return CurrentClass(
        **vars(current.card),
        next_lecture=chosen.lecture if chosen else None,
        next_text=chosen if chosen and chosen.lecture is None else None,
        next_session=min(sessions, key=lambda item: str(item.starts_at), default=None),
        missing_text=chosen.missing_text if chosen else "",
    )
