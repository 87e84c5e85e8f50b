"""The Redis cache, which may be gone: then nothing is remembered, and pages still work.

What must not be lost never lies in the cache: sessions are in the database as well, jobs and
evidence are rows. Rate limits do not count while Redis is away; the log says so.
"""

import logging
from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

logger = logging.getLogger(__name__)

# What each call answers when there is no Redis: the same as for an empty, forgetful cache.
ANSWERS: dict[str, Callable[..., Any]] = {
    "get": lambda key, default=None, version=None: default,
    "get_many": lambda keys, version=None: {},
    "set": lambda *args, **kwargs: None,
    "set_many": lambda *args, **kwargs: [],
    "add": lambda *args, **kwargs: True,
    "touch": lambda *args, **kwargs: False,
    "delete": lambda *args, **kwargs: False,
    "delete_many": lambda *args, **kwargs: None,
    "has_key": lambda *args, **kwargs: False,
    "clear": lambda *args, **kwargs: None,
}


def forgiving(name: str) -> Callable[..., Any]:
    call, answer = getattr(RedisCache, name), ANSWERS[name]

    @wraps(call)
    def method(self: RedisCache, *args: Any, **kwargs: Any) -> Any:
        try:
            return call(self, *args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError) as problem:
            logger.warning("Cache %s without Redis: %s", name, problem)
            return answer(*args, **kwargs)

    return method


class OneClient(RedisCacheClient):
    """Django makes a client for each call, which takes as long as the call; one serves all."""

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        return self._only

    @cached_property
    def _only(self) -> Any:
        return super().get_client(write=True)


class ForgivingRedisCache(RedisCache):
    """RedisCache whose calls answer like an empty cache while Redis cannot be reached."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = OneClient


for _name in ANSWERS:
    setattr(ForgivingRedisCache, _name, forgiving(_name))
