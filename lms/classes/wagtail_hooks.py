"""What classes add to Wagtail's admin: their views and their place in the menu."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from wagtail import hooks

from lms.classes.keeping import training_classes


@hooks.register("register_admin_viewset")
def viewsets() -> list[Any]:
    return [training_classes]


@hooks.register("construct_main_menu", order=100)
def main_menu(request: HttpRequest, items: list[Any]) -> None:
    """After the library has thinned the menu out."""
    item = training_classes.get_menu_item(order=250)
    if item.is_shown(request):
        items.append(item)
