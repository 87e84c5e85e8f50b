"""How sending can fail. The texts name no number, no address and no secret."""


class SendError(Exception):
    """Nothing left the house; a later attempt may succeed."""


class Refused(SendError):
    """The far end will never take it: a wrong number, say."""


class Unsure(SendError):
    """The far end may have taken it: the line broke before its answer came."""
