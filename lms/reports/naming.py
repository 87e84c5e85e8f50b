"""Who stands in a list of the past: by name whom one may see today, of others only that they do not
belong here any more.
"""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import pgettext

from organizations.models import Membership, User
from organizations.people.viewer import Viewer


class Names:
    """Of these people (ids). One query; figures and rows stay as many as they were counted."""

    def __init__(self, viewer: Viewer, people: Collection[int]) -> None:
        self.viewer = viewer
        # As `User.objects.visible_to`, asked of these people's ties instead of everybody's.
        ties = Membership.objects.current().within_scope_of(viewer.user).filter(user__in=people)
        self.seen = {viewer.user.pk, *ties.values_list("user_id", flat=True)}

    def name(self, person: User, unit_id: int | None) -> str:
        """`unit_id` is the unit in whose list the person stands."""
        if person.pk not in self.seen:
            return pgettext("person", "not on this roster any more")
        return self.viewer.name(person, unit_id)

    def phone(self, person: User) -> str:
        return self.viewer.phone(person) if person.pk in self.seen else ""
