"""Why something cannot be done with a gathering; each message is a sentence for a person."""


class GatheringError(Exception):
    """Not now, or not so."""


class ScreenError(GatheringError):
    """A TV or PC that is not, or no longer, in a room."""
