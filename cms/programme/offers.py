"""The menu that the library offers a person: by audience and by the units above.

An audience says for whom it is by tags of people (`Audience.tags`); one without tags is for
everybody. Menus come from the home branch and the units above it; for somebody without a branch,
from the prefecture.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q

from cms.cards import with_cards
from cms.models import LecturePage
from cms.programme.models import Menu, MenuItem
from organizations.models import Membership, Tag

# More are on offer to nobody; their own page shows all.
LOOKED_AT = 100


def menu_for(user: Any) -> Menu | None:
    """For a tag of the person's before one for everybody, then the nearest unit's, then by
    audience and title. Only menus with a published lecture. Two queries.
    """
    tags = set(Tag.objects.current().filter(user=user).values_list("value", flat=True))
    live = MenuItem.objects.filter(menu=OuterRef("pk"), lecture__live=True)
    homes = Membership.objects.current().filter(user=user, kind=Membership.Kind.HOME)
    above = Exists(homes.filter(organization__path__startswith=OuterRef("organization__path")))
    prefecture = Q(organization__depth=1) & ~Exists(homes)
    menus = (
        Menu.objects.visible_to(user)
        .filter(Q(above) | prefecture, Exists(live))
        .select_related("audience", "organization")
        .order_by("audience__position", "audience__name", "title", "pk")[:LOOKED_AT]
    )
    meant = [one for one in menus if not one.audience.tags or tags & set(one.audience.tags)]
    return min(
        meant,
        key=lambda one: (not one.audience.tags, -len(one.organization.path)),
        default=None,
    )


def menu_shown(menu: Menu, *, most: int) -> list[LecturePage]:
    """Its first published lectures, with what a card shows. One query."""
    items = menu.items.filter(lecture__live=True).order_by("position", "pk")
    return [item.lecture for item in with_cards(items)[:most]]
