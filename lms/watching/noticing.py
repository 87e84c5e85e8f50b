"""What a person should look at among play sessions. Pure thinking: no Django, no rows.

Nothing here is a verdict and nothing is weighed against anything: each rule says what was seen, a
person who knows the people decides. What the budget of wall-clock time already refuses needs no
rule; these are about what it cannot see. Honest explanations stand beside each rule, and on the
page as well.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# Media seconds that one message claimed beyond what the clock allowed. Honest: more than half an
# hour without a signal.
MOST_CUT = 120
# Two sessions that both run steadily, side by side for so long. Steady is a session in which most
# of the time between its beginning and its end was played; a tab left open is none. Honest: a film
# running on in another room.
SIDE_BY_SIDE = dt.timedelta(minutes=5)
STEADY = 0.7
# So many messages whose distances differ by less than this many seconds. The player sends one at
# each pause, jump, hiding of the page and at the end; a program that waits between claims need not.
# Honest: a tab that was killed in the middle of a film that nobody had paused.
CADENCE_BEATS, CADENCE_SPREAD = 20, 0.25
# Hours by the clock in which something new was watched, within one day. Honest: an account that two
# people use; nobody watches so long.
MOST_A_DAY = dt.timedelta(hours=16)
# So many people who learn on one device, each beginning within so short a time. Honest: the
# village's computer with the branch sitting before it, one after the other.
CROWD, CROWD_WITHIN = 6, dt.timedelta(minutes=10)
# Whoever only looked in is not counted to a crowd.
LEARNT = 60


class What(enum.StrEnum):
    CUT = "cut"
    SIDE_BY_SIDE = "side_by_side"
    CADENCE = "cadence"
    LONG_DAY = "long_day"
    CROWD = "crowd"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A play session. Seconds are of media; `device` is "" when it is not known, `gaps` the
    shortest and longest seconds between two messages, None before there were two.
    """

    key: Hashable
    person: int
    started: dt.datetime
    ended: dt.datetime
    accepted: int
    cut: int = 0
    device: str = ""
    beats: int = 0
    gaps: tuple[float, float] | None = None
    in_a_room: bool = False

    @property
    def day(self) -> dt.date:
        return self.started.astimezone(SHANGHAI).date()

    @property
    def is_steady(self) -> bool:
        """A room plays whatever it plays; who was present was present all the time."""
        return self.in_a_room or self.accepted >= STEADY * self.lasted

    @property
    def lasted(self) -> float:
        """Seconds by the server's clock."""
        return max((self.ended - self.started).total_seconds(), 0.0)


@dataclass(frozen=True, slots=True)
class Noticed:
    """One thing about one person on one day, the sittings in the order in which they began."""

    what: What
    person: int
    day: dt.date
    sittings: tuple[Hashable, ...]
    facts: tuple[tuple[str, int], ...]


def noticed(sittings: Iterable[Sitting]) -> list[Noticed]:
    """What stands out among the sittings of one person, whatever their order."""
    own = in_order(sittings)
    days: dict[dt.date, list[Sitting]] = defaultdict(list)
    for one in own:
        days[one.day].append(one)
    return [
        found
        for day, held in days.items()
        for found in (_cut(day, held), _cadence(day, held), _long_day(day, held))
        if found is not None
    ] + _side_by_side(own)


def crowds(sittings: Iterable[Sitting]) -> list[Noticed]:
    """The people who learnt on one device at nearly the same time, one entry for each of them and
    day. `sittings` are those of one device.
    """
    learnt = [one for one in in_order(sittings) if one.accepted >= LEARNT]
    together: dict[tuple[int, dt.date], tuple[int, dict[Hashable, None]]] = {}
    start = 0
    for end, last in enumerate(learnt):
        while last.started - learnt[start].started > CROWD_WITHIN:
            start += 1
        group = learnt[start : end + 1]
        people = len({one.person for one in group})
        if people < CROWD:
            continue
        for one in group:
            most, keys = together.get((one.person, one.day), (0, {}))
            together[one.person, one.day] = (max(most, people), {**keys, one.key: None})
    return [
        Noticed(What.CROWD, person, day, tuple(keys), (("people", people),))
        for (person, day), (people, keys) in together.items()
    ]


def in_order(sittings: Iterable[Sitting]) -> list[Sitting]:
    return sorted(sittings, key=lambda one: (one.started, one.ended, str(one.key)))


def _cut(day: dt.date, own: Sequence[Sitting]) -> Noticed | None:
    found = [one for one in own if one.cut >= MOST_CUT]
    return _entry(What.CUT, day, found, seconds=max((one.cut for one in found), default=0))


def _cadence(day: dt.date, own: Sequence[Sitting]) -> Noticed | None:
    found = [one for one in own if _is_even(one)]
    return _entry(
        What.CADENCE,
        day,
        found,
        beats=max((one.beats for one in found), default=0),
        seconds=round(max((one.gaps[1] for one in found if one.gaps), default=0)),
    )


def _is_even(one: Sitting) -> bool:
    if one.gaps is None or one.beats < CADENCE_BEATS:
        return False
    least, most = one.gaps
    return most - least < CADENCE_SPREAD


def _long_day(day: dt.date, own: Sequence[Sitting]) -> Noticed | None:
    alone = [one for one in own if not one.in_a_room and one.accepted > 0]
    # Fast play is shorter by the clock, and a tab left open is no play.
    seconds = int(sum(min(one.lasted, one.accepted) for one in alone))
    found = alone if seconds >= MOST_A_DAY.total_seconds() else []
    return _entry(What.LONG_DAY, day, found, seconds=seconds)


def _entry(what: What, day: dt.date, found: Sequence[Sitting], **facts: int) -> Noticed | None:
    if not found:
        return None
    keys = tuple(one.key for one in found)
    return Noticed(what, found[0].person, day, keys, tuple(facts.items()))


def _side_by_side(own: Sequence[Sitting]) -> list[Noticed]:
    """By the day on which the later one began."""
    days: dict[dt.date, list[tuple[Sitting, Sitting]]] = defaultdict(list)
    for first, second in _overlaps([one for one in own if one.is_steady]):
        days[second.day].append((first, second))
    found = []
    for day, pairs in days.items():
        sittings = in_order({one for pair in pairs for one in pair})
        longest = max(_shared(*pair) for pair in pairs)
        # What is in a room, or where the device is not known, is somewhere else.
        apart = any(
            one.in_a_room or other.in_a_room or one.device != other.device for one, other in pairs
        )
        entry = _entry(
            What.SIDE_BY_SIDE, day, sittings, seconds=int(longest.total_seconds()), apart=int(apart)
        )
        found += [entry] if entry else []
    return found


def _overlaps(own: Sequence[Sitting]) -> Iterator[tuple[Sitting, Sitting]]:
    for number, first in enumerate(own):
        for second in own[number + 1 :]:
            if second.started >= first.ended:
                break  # and so does everything after it
            if _shared(first, second) >= SIDE_BY_SIDE:
                yield first, second


def _shared(first: Sitting, second: Sitting) -> dt.timedelta:
    return min(first.ended, second.ended) - max(first.started, second.started)
