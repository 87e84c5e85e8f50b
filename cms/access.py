"""Who gets into Wagtail's admin, and how far: derived from posts, never granted by hand.

One group for each kind of keeper and unit holds the page permissions on that unit's shelf (for
the prefecture: on the whole library); people are in the groups of their present posts. Wagtail
asks these groups; the product's own checks (`cms.permissions`) ask the posts.
"""

from collections import defaultdict
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import transaction
from wagtail.models import GroupPagePermission, Page

from cms.library import library_root
from cms.shelves import SHELF_KINDS, has_own_shelf, shelf_for
from organizations.models import Organization, Post, User

PREFIX = "library"
# A post's role → what it may do with the pages of its unit. Secretaries hand in outside the admin.
RIGHTS = {
    Post.Role.REVIEWER: ("change", "publish"),
    Post.Role.CURATOR: ("add", "change", "publish", "lock", "unlock"),
    Post.Role.ADMINISTRATOR: ("add", "change", "publish", "lock", "unlock"),
}


@transaction.atomic
def access_sync(user: User) -> bool:
    """Put the person into the groups of their present posts and out of all others.

    Whether anything changed. Idempotent.
    """
    posts = Post.objects.current().filter(user=user, role__in=RIGHTS)
    wanted = {
        _keepers(post.role, post.organization)
        for post in posts.select_related("organization")
        if post.organization.kind in SHELF_KINDS and has_own_shelf(post.organization)
    }
    present = set(Group.objects.filter(user=user, name__startswith=f"{PREFIX}-"))
    user.groups.remove(*(present - wanted))
    user.groups.add(*(wanted - present))
    return wanted != present


def access_sweep() -> int:
    """Find everybody whose groups and posts disagree (a post began or ended by its date)."""
    wanted: dict[int, set[str]] = defaultdict(set)
    posts = Post.objects.current().filter(role__in=RIGHTS, organization__kind__in=SHELF_KINDS)
    for user, role, unit in posts.values_list("user_id", "role", "organization_id"):
        wanted[user].add(group_name(role, unit))
    present: dict[int, set[str]] = defaultdict(set)
    groups = User.groups.through.objects.filter(group__name__startswith=f"{PREFIX}-")
    for user, name in groups.values_list("user_id", "group__name"):
        present[user].add(name)
    differing = [user for user in wanted.keys() | present.keys() if wanted[user] != present[user]]
    return sum(access_sync(user) for user in User.objects.filter(pk__in=differing))


def group_name(role: str, organization_id: int) -> str:
    """Never shown to keepers. Holds the unit's id, which stays when names and codes change."""
    return f"{PREFIX}-{role}-{organization_id}"


def _keepers(role: str, organization: Organization) -> Group:
    """The group of one kind of keeper of one unit, made with the permissions of that kind."""
    group, created = Group.objects.get_or_create(name=group_name(role, organization.pk))
    if created:
        group.permissions.add(
            Permission.objects.get(content_type__app_label="wagtailadmin", codename="access_admin")
        )
        page = _page_of(organization)
        permissions = Permission.objects.filter(
            content_type__app_label="wagtailcore",
            content_type__model="page",
            codename__in=[f"{right}_page" for right in RIGHTS[Post.Role(role)]],
        )
        GroupPagePermission.objects.bulk_create(
            GroupPagePermission(group=group, page=page, permission=permission)
            for permission in permissions
        )
    return group


def _page_of(organization: Organization) -> Page:
    if organization.is_root() and organization.kind == Organization.Kind.CITY:
        return Page.objects.get(pk=library_root().pk)
    return Page.objects.get(pk=shelf_for(organization).pk)


def admin_open_to(user: Any) -> bool:
    """Whether Wagtail's admin would let the person in."""
    return bool(user.is_authenticated and user.has_perm("wagtailadmin.access_admin"))
