"""Setting up the library in Wagtail: its root page, the site, the groups of its keepers.

`library_setup` runs after every `migrate` and may run at any time: it creates what is missing and
changes nothing else. Shelves are made on demand (`cms.shelves`), access follows posts
(`cms.access`).
"""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.utils.translation import gettext, override
from wagtail.models import GroupPagePermission, Locale, Page, Site

from cms.models import LibraryPage, ShelfPage

LIBRARY_SLUG = "library"
# What Wagtail's own first migration leaves behind: a welcome page and two groups nobody uses.
WELCOME_SLUG = "home"
UNUSED_GROUPS = ("Moderators", "Editors")


def library_root() -> LibraryPage:
    """The library's page; set up on the way when the database has none yet."""
    return LibraryPage.objects.first() or library_setup()


@transaction.atomic
def library_setup() -> LibraryPage:
    """Create what the library needs and return its page. Idempotent."""
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    tree_root = Page.objects.select_for_update().filter(depth=1).order_by("path").first()
    if tree_root is None:
        tree_root = Page.add_root(title="Root", slug="root")
    _root_name(tree_root)
    title = library_title()
    library = LibraryPage.objects.first()
    if library is None:
        library = LibraryPage(title=title, slug=LIBRARY_SLUG)
        tree_root.add_child(instance=library)
    elif library.title != title and library.title == "Resource library":
        # Made before the catalogue was compiled.
        LibraryPage.objects.filter(pk=library.pk).update(title=title, draft_title=title)
    _site_setup(library)
    _leftovers_remove()
    return library


def _root_name(tree_root: Page) -> None:
    """Wagtail's migration calls it Root; keepers of everything see it above the library."""
    with override(settings.LANGUAGE_CODE):
        title = gettext("All pages")
    if tree_root.title in ("Root", "All pages") and tree_root.title != title:
        Page.objects.filter(pk=tree_root.pk).update(title=title, draft_title=title)


def library_title() -> str:
    with override(settings.LANGUAGE_CODE):
        return gettext("Resource library")


def _site_setup(library: LibraryPage) -> None:
    """One default site that answers to every host name, with the library as its root."""
    address = urlsplit(settings.WAGTAILADMIN_BASE_URL)
    site = Site.objects.filter(is_default_site=True).first() or Site(is_default_site=True)
    wanted = {
        "hostname": address.hostname or "localhost",
        "port": address.port or (443 if address.scheme == "https" else 80),
        "root_page_id": library.pk,
        "site_name": settings.SITE_FIELDS["name"],
    }
    if any(getattr(site, field) != value for field, value in wanted.items()):
        for field, value in wanted.items():
            setattr(site, field, value)
        site.save()


def _leftovers_remove() -> None:
    welcome = Page.objects.filter(depth=2, slug=WELCOME_SLUG, content_type__model="page").first()
    if welcome is not None and welcome.specific_class is Page and welcome.is_leaf():
        welcome.delete()
    for group in Group.objects.filter(name__in=UNUSED_GROUPS, user__isnull=True):
        group.delete()


def tables_exist() -> bool:
    """Whether a migration has got far enough for `library_setup`."""
    needed = {
        model._meta.db_table
        for model in (LibraryPage, ShelfPage, GroupPagePermission, Site, Locale)
    }
    return needed <= set(connection.introspection.table_names())


def after_migrate(**kwargs: Any) -> None:
    """Receiver of post_migrate."""
    if kwargs.get("using", "default") == "default" and tables_exist():
        library_setup()
