"""Menus and programmes as rows that one watches one after the other (`cms.sequences`)."""

from __future__ import annotations

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse

from cms.models import LecturePage
from cms.programme.models import MenuItem, ProgrammeItem
from cms.sequences import Follower, item_after, row_finder
from organizations import scope
from organizations.models import Membership
from organizations.people.viewer import Viewer


def contribute() -> None:
    row_finder("menu", in_menu)
    row_finder("programme", in_programme)


def in_menu(key: int, page: LecturePage, request: HttpRequest) -> Follower | None:
    items = MenuItem.objects.filter(menu=key, menu__is_offered=True).select_related("menu")
    found = item_after(items, page)
    url = reverse("programme:menu", args=[key])
    return Follower(found.lecture, found.menu.title, url) if found else None


def in_programme(key: int, page: LecturePage, request: HttpRequest) -> Follower | None:
    """For members of the branch and those who hold a post in it or above."""
    homes = Membership.objects.current().filter(user=request.user.pk, kind=Membership.Kind.HOME)
    own = Q(programme__organization__in=homes.values("organization"))
    held = scope.units_filter(Viewer.of(request).managed, field="programme__organization")
    items = ProgrammeItem.objects.filter(own | held, programme=key).select_related("programme")
    found = item_after(items, page)
    url = reverse("programme:programme", args=[key])
    return Follower(found.lecture, found.programme.title, url) if found else None
