"""Why something cannot be done with a gathering; each message is a sentence for a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

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


class ScreenError(GatheringError):
    """A TV or PC that is not, or no longer, in a room."""
