"""Why something cannot be done with a gathering; each message is a sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.formats import date_format
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from lms.gatherings.models import Gathering


class GatheringError(Exception):
    """Not now, or not so."""


class AlreadyOpen(GatheringError):
    """The same was opened or planned before, by somebody or at another time; `gathering` is it."""

    def __init__(self, gathering: Gathering) -> None:
        super().__init__(_("This session is there already."))
        self.gathering = gathering


class DayOver(GatheringError):
    """It was opened on an earlier day and never handed in."""

    def __init__(self, gathering: Gathering) -> None:
        text = _(
            "This session is of %(day)s, so nothing is played or ticked in it today. Please hand "
            "it in as it is; with nobody on its roll call it off and enter the list on paper. For "
            "today open a new one."
        )
        if gathering.programme_id is not None:  # of a programme there is one session
            text = _(
                "This session is of %(day)s, so nothing is played or ticked in it today. Please "
                "hand it in as it is; with nobody on its roll call it off, and the programme can "
                "be opened again. To go on today, open one for the lecture."
            )
        super().__init__(text % {"day": date_format(gathering.on, "DATE_FORMAT")})


class ScreenError(GatheringError):
    """A TV or PC that is not, or no longer, in a room."""
