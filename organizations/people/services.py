"""The acts on people, for those who call them: keyword-only, atomic, audited last."""

from organizations.people.details import PeopleError
from organizations.people.memberships import (
    membership_close,
    membership_open,
    membership_transfer,
)
from organizations.people.persons import person_change, person_create, person_leave
from organizations.people.posts import (
    post_close,
    post_close_by_operator,
    post_open,
    post_open_by_operator,
)
from organizations.people.tags import tag_close, tag_open

__all__ = [
    "PeopleError",
    "membership_close",
    "membership_open",
    "membership_transfer",
    "person_change",
    "person_create",
    "person_leave",
    "post_close",
    "post_close_by_operator",
    "post_open",
    "post_open_by_operator",
    "tag_close",
    "tag_open",
]
