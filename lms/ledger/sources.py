"""Where credit comes from: a small registry, and the facts that a source can name again.

A room whose happenings earn credit registers a source in its AppConfig.ready and calls
`lms.ledger.entries.person_settle` when something of a person changed. What such a call triggers
the sweep finds as well, by `waiting`; `ledger_rederive` derives every entry from `facts`.

Which class a lecture was learnt for is asked through `class_finder`, which lms.classes sets; when a
room really played during somebody's sitting there, through `room_finder` (lms.gatherings).
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from django.utils.functional import Promise

from lms.ledger.crediting import Fact
from lms.ledger.occupancy import Span


class Source(Protocol):
    @property
    def code(self) -> str:
        """At most 16 letters; stands in every entry."""

    @property
    def label(self) -> str | Promise:
        """What one thing of it is called: "lecture completed"."""

    def facts(
        self, user_ids: Collection[int], *, keys: Collection[int] | None = None
    ) -> Iterable[Fact]:
        """All that these people's credit rests on now, of all time; of these rows only, if
        `keys` are given.
        """

    def waiting(self) -> Iterable[int]:
        """Ids of people whose newest facts may not be in the ledger yet."""

    def titles(self, subjects: Collection[int]) -> Mapping[int, str]:
        """What `Fact.subject` is called, for statements."""

    def reasons(self, user_id: int, subjects: Collection[int]) -> Mapping[int, str]:
        """Why the person's evidence about these subjects was taken back, in the words of who did
        it, where somebody did.
        """


# (person, lecture, instant) → whether it was then learnt for a class.
Pair = tuple[int, int, dt.datetime]
ClassFinder = Callable[[Collection[Pair]], set[Pair]]

# Ids of play sessions in rooms → the windows in which the room played.
RoomFinder = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, list[Span]]]

_sources: dict[str, Source] = {}
_class_finders: list[ClassFinder] = []
_room_finders: list[RoomFinder] = []


def source_register(source: Source) -> None:
    if source.code in _sources:
        raise ValueError(f"{source.code} was registered before.")
    _sources[source.code] = source


def sources() -> Mapping[str, Source]:
    return _sources


def class_finder(find: ClassFinder) -> None:
    """Let a room say which lectures, completed by a person at an instant, were learnt for a
    running class in which the person had an open enrolment.
    """
    _class_finders.append(find)


def learnt_for_class(pairs: Collection[Pair]) -> set[Pair]:
    return {pair for find in _class_finders for pair in find(pairs)} if pairs else set()


def room_finder(find: RoomFinder) -> None:
    """Let a room say when it played: a sitting in it has pauses."""
    _room_finders.append(find)


def room_windows(session_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Span]]:
    found: dict[uuid.UUID, list[Span]] = {}
    for find in _room_finders if session_ids else ():
        found.update(find(session_ids))
    return found
