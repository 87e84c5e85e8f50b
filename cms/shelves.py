"""Shelves: the page tree's copy of the organisation tree, down to townships.

A shelf is made when the first lecture or keeper needs it, and follows its unit when that is
renamed or moved; lectures follow their unit's shelf, and those of a unit that was merged into
another stand on the shelf of that one. The organisation tree is the truth, always.
Who may do what on a shelf is in `cms.permissions` and `cms.access`.
"""

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Length, Substr
from django.utils.text import slugify
from django.utils.translation import gettext, override
from wagtail.models import Page

from cms.library import library_root
from cms.models import LecturePage, LibraryPage, ShelfPage
from organizations.models import Organization

Kind = Organization.Kind
SHELF_KINDS = frozenset({Kind.CITY, Kind.COUNTY, Kind.TOWNSHIP, Kind.LINE})


def shelf_path(path: str, kinds: Mapping[str, str]) -> str:
    """The tree path of the unit on whose shelf things of the unit at `path` stand.

    `kinds` gives the kind of each unit on the way, by path; units that never have a shelf may be
    left out. The walk goes down from the root as long as units have shelves, and no deeper than a
    township: a village or branch gets the shelf of its township, a line unit its own.
    """
    step = Organization.steplen
    found = path[:step]
    for end in range(step, len(path) + 1, step):
        if kinds.get(path[:end]) not in SHELF_KINDS:
            break
        found = path[:end]
        if kinds[found] == Kind.TOWNSHIP:
            break
    return found


def shelf_unit(organization: Organization) -> Organization:
    """The unit on whose shelf the lectures of `organization` stand."""
    chain = {unit.path: unit for unit in organization.get_ancestors()}
    chain[organization.path] = organization
    kinds = {path: unit.kind for path, unit in chain.items() if unit.merged_into_id is None}
    return chain[shelf_path(organization.path, kinds)]


def has_own_shelf(organization: Organization) -> bool:
    return shelf_unit(organization).pk == organization.pk


def shelf_for(organization: Organization) -> ShelfPage:
    """The shelf of the organisation, made on demand with all shelves above it. Idempotent.

    Two callers at once get the same shelf: whoever has to make one waits for the library's row.
    """
    unit = shelf_unit(organization)
    shelf = ShelfPage.objects.filter(organization=unit).first()
    if shelf is not None:
        return shelf
    library_root()
    with transaction.atomic():
        LibraryPage.objects.select_for_update().get()
        return _shelf_get_or_make(unit)


def _shelf_get_or_make(unit: Organization) -> ShelfPage:
    """Only under the lock on the library's row."""
    shelf = ShelfPage.objects.filter(organization=unit).first()
    if shelf is None:
        parent = _parent_page(unit)
        shelf = ShelfPage(organization=unit, title=shelf_title(unit), slug=shelf_slug(unit))
        parent.add_child(instance=shelf)
    return shelf


def _parent_page(unit: Organization) -> Page:
    """Where the unit's shelf hangs: as the units are nested, below the library.

    The library itself stands for the prefecture. So the prefecture's own shelf and those of its
    counties are neighbours, and what else is directly below the prefecture (line units) hangs
    under its own shelf.
    """
    above = unit.get_parent()
    if above is None or (unit.kind == Kind.COUNTY and above.is_root()):
        return library_root()
    return _shelf_get_or_make(shelf_unit(above))


def shelf_title(unit: Organization) -> str:
    """The unit's name; the prefecture's own shelf says that it is not the whole prefecture."""
    if not unit.is_root() or unit.kind != Kind.CITY:
        return unit.name
    with override(settings.LANGUAGE_CODE):
        return gettext("%(name)s (city level)") % {"name": unit.name}


def shelf_slug(unit: Organization) -> str:
    """Stable as the unit's code is; names change."""
    return slugify(unit.code) or f"unit-{unit.pk}"


def shelves_follow() -> int:
    """Let shelves and lectures follow the organisation tree; how many pages were changed.

    Run by a sweep, so that it does not matter how a unit was renamed or moved. Higher units come
    first: a shelf that moves takes everything below it along.
    """
    shelves = ShelfPage.objects.order_by("organization__path").values_list("pk", flat=True)
    kept = shelves.filter(organization__merged_into__isnull=True)
    changed = sum(_shelf_follow(pk) for pk in list(kept)) + _lectures_follow()
    # What stood on the shelf of a merged unit stands on that of its successor by now.
    merged = shelves.filter(organization__merged_into__isnull=False, numchild=0)
    return changed + sum(_shelf_remove(pk) for pk in list(merged))


@transaction.atomic
def _shelf_follow(pk: int) -> bool:
    LibraryPage.objects.select_for_update().get()
    shelf = ShelfPage.objects.select_related("organization").filter(pk=pk).first()
    if shelf is None:
        return False
    unit, changed = shelf.organization, False
    title, slug = shelf_title(unit), shelf_slug(unit)
    if (shelf.title, shelf.slug) != (title, slug):
        shelf.title = shelf.draft_title = title
        shelf.slug = slug
        shelf.save()
        changed = True
    parent = _parent_page(unit)
    if not shelf.is_child_of(parent):
        shelf.move(parent, pos="last-child")
        changed = True
    return changed


@transaction.atomic
def _shelf_remove(pk: int) -> bool:
    LibraryPage.objects.select_for_update().get()
    shelf = ShelfPage.objects.filter(pk=pk, numchild=0).first()
    if shelf is None:
        return False
    shelf.delete()
    return True


def _lectures_follow() -> int:
    """Move lectures that no longer stand on the shelf of their organisation."""
    units = Organization.objects.filter(kind__in=SHELF_KINDS, merged_into__isnull=True)
    kinds = dict(units.values_list("path", "kind"))
    shelves = dict(ShelfPage.objects.values_list("path", "organization__path"))
    rows = (
        LecturePage.objects.filter(organization__isnull=False)
        .annotate(on=Substr("path", 1, Length("path") - Page.steplen))
        .order_by()
        .values_list("pk", "on", "organization__path")
    )
    lost = [pk for pk, on, path in rows.iterator() if shelves.get(on) != shelf_path(path, kinds)]
    return sum(_lecture_follow(pk) for pk in lost)


@transaction.atomic
def _lecture_follow(pk: int) -> bool:
    lecture = LecturePage.objects.select_related("organization").filter(pk=pk).first()
    if lecture is None or lecture.organization is None:
        return False
    shelf = shelf_for(lecture.organization)
    if lecture.is_child_of(shelf):
        return False
    lecture.move(shelf, pos="last-child")
    return True


def lecture_placed(lecture: LecturePage) -> None:
    """A keeper moved the lecture to another shelf: from now on it is that unit's lecture."""
    shelf = lecture.get_parent().specific
    if not isinstance(shelf, ShelfPage):
        return
    unit = lecture.organization
    if unit is None or shelf_unit(unit).pk != shelf.organization_id:
        LecturePage.objects.filter(pk=lecture.pk).update(organization=shelf.organization)
