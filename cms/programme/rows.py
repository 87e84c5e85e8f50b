"""Menus and programmes as rows that one watches one after the other (`cms.sequences`)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from cms.programme.models import Menu, Programme
from cms.sequences import Row, row_finder


def contribute() -> None:
    row_finder("menu", menu_row)
    row_finder("programme", programme_row)


def menu_row(key: int, user: Any) -> Row | None:
    return _row(Menu.objects.visible_to(user).filter(pk=key).first(), "programme:menu")


def programme_row(key: int, user: Any) -> Row | None:
    found = Programme.objects.visible_to(user).filter(pk=key).first()
    return _row(found, "programme:programme")


def _row(found: Any, page: str) -> Row | None:
    if found is None:
        return None
    keys = found.items.order_by("position", "pk").values_list("lecture_id", flat=True)
    return Row(found.title, reverse(page, args=[found.pk]), list(keys))
