"""Who goes first, and when a long job makes way for a short one. Pure.

A job's turn is its arrival plus the time that its own work takes: the instant at which it would be
done if it had the machine for itself. The earliest turn goes first. So a short job overtakes a
long one that has just come, and nobody waits for ever: what arrives late enough has a later turn,
however short it is. Times are seconds on one clock, works are seconds of work.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# Until the probe has told how long a film is, its size tells.
BYTES_PER_SECOND_OF_WORK = 1_000_000
# Of a handheld film on two cores, the most that was measured (ADR 15). Told too low, whoever comes
# later than that waits for the rest of a long film.
WORK_PER_SECOND_OF_FILM = 1.7
# Making way costs up to a segment in each rung, in front of a remote store the way of its original
# to this host as well, so it must bring the other one much more.
MUCH_SHORTER = 4.0
# A stint brings some segments at least; a job makes way so often at most. It would come to its end
# anyhow, since only those go first who came early enough; this bounds what making way costs.
STINT_SECONDS = 20.0
MOST_YIELDS = 30
# In the middle of the sound, which begins anew then: minutes, of a film of two hours.
MOST_YIELDS_IN_SOUND = 5
# A preview for which others wait is worked so long: what is copied is minutes of film by then. It
# does not go on later, since the film itself soon plays; the next one is to play within 5 s.
FIRST_LOOK_SECONDS = 3.0
# An idle worker would have taken what has waited so long.
WAITED_SECONDS = 5.0


@dataclass(frozen=True)
class Waiting:
    arrived: float
    work: float

    @property
    def turn(self) -> float:
        return self.arrived + self.work


@dataclass(frozen=True)
class Running:
    """`done` is the share of the work, `stint` the seconds since this go began with the sound, or
    since its first segment; `in_sound` whether that is what it is at.
    """

    arrived: float
    work: float
    done: float
    stint: float
    yields: int
    in_sound: bool = False

    @property
    def turn(self) -> float:
        return self.arrived + self.work

    @property
    def left(self) -> float:
        return self.work * (1.0 - self.done)


def estimated_work(*, duration: float | None, size: int) -> float:
    """Seconds of work for a film of so many seconds, or of so many bytes while that is unknown."""
    if duration is not None:
        return duration * WORK_PER_SECOND_OF_FILM
    return size / BYTES_PER_SECOND_OF_WORK


def arrivals(noted: Sequence[float]) -> list[float]:
    """Arrival times without the jumps of a clock: `noted` is in the order of arrival, and nobody
    came after the one who came next.
    """
    steady: list[float] = []
    for moment in reversed(noted):
        steady.append(min(moment, steady[-1]) if steady else moment)
    return steady[::-1]


def makes_way(running: Running, waiting: Sequence[Waiting], *, now: float) -> bool:
    """Whether `running` should stop at this segment border, or in its sound, and go on later."""
    most = MOST_YIELDS_IN_SOUND if running.in_sound else MOST_YIELDS
    if running.yields >= most or running.stint < STINT_SECONDS:
        return False
    return any(
        job.turn < running.turn
        and job.work * MUCH_SHORTER <= running.left
        and now - job.arrived >= WAITED_SECONDS
        for job in waiting
    )


def preview_makes_way(*, plays: bool, stint: float, others_wait: bool) -> bool:
    """Whether a preview should end with what it has, so that the next uploader has a first look."""
    return plays and others_wait and stint >= FIRST_LOOK_SECONDS
