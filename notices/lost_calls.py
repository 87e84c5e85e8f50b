"""What a call by HTTP that got no answer means: nothing left, or nobody knows."""

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from notices.errors import SendError, Unsure


def lost_call(problem: requests.RequestException) -> SendError:
    """Named by its type alone: the text may hold the address with a key in it."""
    name = type(problem).__name__
    cause = problem.args[0] if problem.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    never_left = isinstance(problem, requests.ConnectTimeout | requests.exceptions.SSLError)
    if never_left or isinstance(reason, NewConnectionError | SSLError):
        return SendError(name)
    return Unsure(name)
