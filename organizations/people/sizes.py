"""About how many people have a mark, how many ties there are below a unit, and which lists begin
far from where one starts to look: kept for an hour.

For choosing between ways that give the same rows. Nothing that anybody reads may rest on it.
"""

from __future__ import annotations

from typing import Any

from django.core.cache import cache
from django.db.models import CharField, Count, QuerySet, Value

KEPT_SECONDS = 3600
PREFIX = "roster.size."
FAR = "roster.far."


def sizes(wanted: dict[str, QuerySet[Any]]) -> dict[str, int]:
    """Rows of each queryset, by its key. One query for all that are not known."""
    kept: dict[str, int] = cache.get_many([PREFIX + key for key in wanted])
    found = {key: kept[PREFIX + key] for key in wanted if PREFIX + key in kept}
    missing = {key: rows for key, rows in wanted.items() if key not in found}
    if missing:
        first, *others = (_counted(key, rows) for key, rows in missing.items())
        # Where nobody is counted there is no row to say so.
        counted = dict.fromkeys(missing, 0) | dict(first.union(*others, all=True))
        cache.set_many({PREFIX + key: size for key, size in counted.items()}, KEPT_SECONDS)
        found |= counted
    return found


def keep_far(key: str) -> None:
    """A walk for this came to nothing: the people stand together somewhere else."""
    cache.set(FAR + key, True, KEPT_SECONDS)


def is_far(key: str) -> bool:
    return bool(cache.get(FAR + key))


def _counted(key: str, rows: QuerySet[Any]) -> Any:
    named = rows.order_by().annotate(key=Value(key, CharField())).values("key")
    return named.annotate(size=Count("pk")).values_list("key", "size")
