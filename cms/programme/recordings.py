"""Which published lecture somebody means by its title or address."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cms.models import LecturePage
from cms.plain import plain_line

# The last part of an address, whatever stands before it or behind.
_SLUG = re.compile(r"/library/(?:[^/?#]+/)*([\w-]+)/?(?:[?#].*)?$")


def slug_of(text: str) -> str:
    found = _SLUG.search(text.strip())
    return found[1] if found else ""


def recordings_named(texts: Iterable[str]) -> dict[str, int]:
    """Text → key of the one published lecture that it names; two queries for any number.

    A title that several lectures bear names none of them.
    """
    wanted = {text: slug_of(text) for text in texts if text}
    if not wanted:
        return {}
    live = LecturePage.objects.live().order_by()
    slugs = dict(live.filter(slug__in=set(wanted.values())).values_list("slug", "pk"))
    titles: dict[str, list[int]] = {}
    plain = {plain_line(text) for text in wanted}
    for title, pk in live.filter(title__in=plain).values_list("title", "pk"):
        titles.setdefault(title, []).append(pk)
    found = {}
    for text, slug in wanted.items():
        same = titles.get(plain_line(text), [])
        pk = slugs.get(slug) if slug else (same[0] if len(same) == 1 else None)
        if pk is not None:
            found[text] = pk
    return found


def recording_named(text: str) -> LecturePage | None:
    pk = recordings_named([text]).get(text)
    return LecturePage.objects.filter(pk=pk).first() if pk else None
