"""Every address of the site as the URL configuration resolves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import RoutePattern, URLPattern, URLResolver


@dataclass(frozen=True)
class Pattern:
    """`key` is the qualified name, or the route where there is none."""

    route: str
    name: str
    is_regex: bool

    @property
    def key(self) -> str:
        return self.name or self.route

    @property
    def arguments(self) -> list[str]:
        return re.findall(r"<(?:\w+:)?(\w+)>", self.route)

    def address(self, values: dict[str, Any]) -> str:
        return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(values[found[1]]), self.route)


def patterns() -> list[Pattern]:
    return list(_walk(get_resolver().url_patterns, "/", (), False))


def _walk(
    found: list[Any], before: str, spaces: tuple[str, ...], is_regex: bool
) -> Iterator[Pattern]:
    for one in found:
        regex = is_regex or not isinstance(one.pattern, RoutePattern)
        route = before + _written(str(one.pattern))
        if isinstance(one, URLResolver):
            inner = (*spaces, one.namespace) if one.namespace else spaces
            yield from _walk(one.url_patterns, route, inner, regex)
        elif isinstance(one, URLPattern):
            name = ":".join((*spaces, one.name)) if one.name else ""
            yield Pattern(route=route, name=name, is_regex=regex)


def _written(route: str) -> str:
    """Wagtail's API prefixes its routers by regular expressions that are plain words."""
    return route[1:] if re.fullmatch(r"\^[\w-]+/", route) else route
