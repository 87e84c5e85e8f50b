"""What is done once a transaction is there to stay."""

import functools
from collections.abc import Callable
from typing import Any

from django.db import transaction


def after_commit(call: Callable[..., Any], *args: Any, **options: Any) -> None:
    """Call it after the commit. What goes wrong then goes into the log: the rows are written, and
    whoever asked for that shall not be told that it failed.
    """
    # Django's line in the log names the callable, and a bare `partial` has no name.
    named = functools.update_wrapper(functools.partial(call, *args, **options), call)
    transaction.on_commit(named, robust=True)
