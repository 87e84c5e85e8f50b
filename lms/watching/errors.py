"""Why watching is not recorded; each message is a sentence that a person can read."""


class WatchingError(Exception):
    """The base of all refusals of this app."""


class TokenRefused(WatchingError):
    """A play token that this server did not issue, or that is too old."""


class SessionGone(WatchingError):
    """The play session was voided or no longer exists; a new one can be opened."""


class NotPlayable(WatchingError):
    """The lecture has no recording that can be watched yet."""
