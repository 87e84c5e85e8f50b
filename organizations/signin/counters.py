"""Counting in the cache that all processes share, and in this process while it is gone.

Each counter is an atomic number that ends by itself. Without Redis every process counts for
itself, so a limit holds as many times as there are processes instead of not at all: nobody is
locked out by an outage, and guessing stays slow.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from django.core.cache import cache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)
T = TypeVar("T")
GONE = (RedisConnectionError, RedisTimeoutError)
MOST = 20_000  # numbers that one process remembers by itself


class Own:
    """The same calls as below, in the memory of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers: dict[str, tuple[int, float]] = {}

    def _get(self, key: str) -> int:
        number, ends = self._numbers.get(key, (0, 0.0))
        return number if ends > time.time() else 0

    def add(self, key: str, number: int, seconds: int) -> bool:
        with self._lock:
            if self._get(key):
                return False
            if len(self._numbers) >= MOST:
                now = time.time()
                self._numbers = {k: v for k, v in self._numbers.items() if v[1] > now}
                while len(self._numbers) >= MOST:
                    self._numbers.pop(next(iter(self._numbers)))
            self._numbers[key] = (number, time.time() + seconds)
            return True

    def change(self, key: str, by: int, seconds: int) -> int:
        self.add(key, 0, seconds)
        with self._lock:
            _, ends = self._numbers.get(key, (0, time.time() + seconds))
            number = max(self._get(key) + by, 0)
            self._numbers[key] = (number, max(ends, time.time() + 1))
            return number

    def value(self, key: str) -> int:
        with self._lock:
            return self._get(key)

    def drop(self, key: str) -> None:
        with self._lock:
            self._numbers.pop(key, None)

    def clear(self) -> None:
        with self._lock:
            self._numbers.clear()


own = Own()


def _shared(call: Callable[[], T], instead: Callable[[], T]) -> T:
    try:
        return call()
    except GONE as problem:
        logger.warning("Limits count in this process alone, without Redis: %s", problem)
        return instead()


def count(key: str, seconds: int, by: int = 1) -> int:
    """Add and return the new number; the key lives `seconds` from its first use."""

    def call() -> int:
        cache.add(key, 0, seconds)
        try:
            return int(cache.incr(key, by))
        except ValueError:  # it ended between the two
            cache.add(key, 0, seconds)
            return int(cache.incr(key, by))

    return _shared(call, lambda: own.change(key, by, seconds))


def value(key: str) -> int:
    """The number, 0 when there is none.

    Not by `get`: the cache forgives there, and would say 0 while Redis is gone.
    """

    def call() -> int:
        try:
            return int(cache.incr(key, 0))
        except ValueError:
            return 0

    return _shared(call, lambda: own.value(key))


def hold(key: str, until: int, seconds: int) -> bool:
    """Write the number down unless there is one: of many at a time, one wins."""

    def call() -> bool:
        # Not by `add` alone: the cache forgives there, and everybody would win.
        try:
            if cache.incr(key, 0):
                return False
        except ValueError:
            pass
        return bool(cache.add(key, until, seconds))

    return _shared(call, lambda: own.add(key, until, seconds))


def drop(key: str) -> None:
    cache.delete(key)
    own.drop(key)
