"""What the log of actions holds about a person, and who looked at the person's record.

Whoever else acted appears by office at that time, never by name; addresses are shown of own acts
only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from audit.models import AuditEntry
from organizations.models import Post, User
from organizations.privacy.holdings import QueryRows, Row, Section, register

LOOKS = ("person.view", "data.view")
WORDS = {
    "account.sign_in": _lazy("signed in"),
    "account.sign_out": _lazy("signed out"),
    "account.hold": _lazy("too many mistakes at sign-in"),
    "account.password_change": _lazy("changed the password"),
    "account.password_reset": _lazy("set a new password"),
    "credential.issue": _lazy("issued a one-time credential"),
    "credential.use": _lazy("used a one-time credential"),
    "credential.revoke": _lazy("revoked a one-time credential"),
    "second_factor.add": _lazy("added a second factor"),
    "second_factor.remove": _lazy("removed a second factor"),
    "second_factor.use": _lazy("used a second factor"),
    "session.end": _lazy("ended a session"),
    "person.create": _lazy("entered the person"),
    "person.change": _lazy("changed name, phone or code"),
    "person.transfer": _lazy("transferred to another branch"),
    "person.import": _lazy("imported from a roster"),
    "person.view": _lazy("opened the personal record"),
    "person.reveal": _lazy("showed masked names"),
    "person.erase": _lazy("deleted the personal data"),
    "membership.open": _lazy("began a membership"),
    "membership.close": _lazy("ended a membership"),
    "post.open": _lazy("gave a post"),
    "post.close": _lazy("ended a post"),
    "tag.open": _lazy("set a tag"),
    "tag.close": _lazy("removed a tag"),
    "data.correct": _lazy("corrected data"),
    "data.export": _lazy("took a copy of the own data"),
    "correction.ask": _lazy("asked for a correction"),
    "access.deny": _lazy("was refused"),
    "roster.import": _lazy("imported a roster"),
    "roster.export": _lazy("exported a roster"),
    "upload.create": _lazy("began an upload"),
    "upload.complete": _lazy("finished an upload"),
    "upload.terminate": _lazy("gave an upload up"),
    "lecture.submit": _lazy("handed in a lecture"),
    "lecture.publish": _lazy("published a lecture"),
    "lecture.unpublish": _lazy("took a lecture down"),
    "enrolment.create": _lazy("enrolled"),
    "enrolment.withdraw": _lazy("withdrew from a class"),
}


def contribute() -> None:
    register("looks", looks)
    register("log", entries)


def looks(person: Any) -> Section:
    found = _about(person).filter(action__in=LOOKS).exclude(actor=person)
    return Section(
        title=_("Who looked at your record"),
        why=_("Whoever manages people here answers for each look. Others appear by their post."),
        kept=_("At least six months; nobody can change or delete an entry."),
        labels={"at": _("Time"), "by": _("By")},
        rows=QueryRows(
            found.order_by("-at", "-pk"), _row_of(person, lambda entry: {"at": entry.at})
        ),
        icon="eye",
    )


def entries(person: Any) -> Section:
    """Own acts and acts on the person, without looks, which have a section of their own."""
    own = AuditEntry.objects.filter(actor=person)
    found = (own | _about(person)).exclude(~Q(actor=person), action__in=LOOKS)
    return Section(
        title=_("Log of actions"),
        why=_("The law on network security demands it; it shows who did what, and when."),
        kept=_("At least six months; nobody can change or delete an entry."),
        labels={
            "at": _("Time"),
            "action": _("Act"),
            "by": _("By"),
            "result": _("Result"),
            "address": _("Network address"),
        },
        rows=QueryRows(found.order_by("-at", "-pk"), _row_of(person, _entry)),
        icon="info",
    )


def action_text(action: str) -> str:
    return str(WORDS.get(action, action))


def _about(person: Any) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(target_type=User._meta.label, target_id=str(person.pk))


def _entry(entry: AuditEntry) -> Row:
    return {
        "at": entry.at,
        "action": action_text(entry.action),
        "result": entry.get_result_display(),
        "address": entry.address,
    }


def _row_of(person: Any, facts: Callable[[AuditEntry], Row]) -> Callable[[AuditEntry], Row]:
    offices: dict[tuple[int, dt.date], str] = {}

    def row(entry: AuditEntry) -> Row:
        found: dict[str, Any] = dict(facts(entry))
        if entry.actor_id == person.pk:
            found["by"] = _("yourself")
            return found
        found.pop("address", None)
        if entry.actor_id is None:
            found["by"] = _("the system")
            return found
        key = (entry.actor_id, timezone.localdate(entry.at))
        if key not in offices:
            offices[key] = _office(*key)
        found["by"] = offices[key]
        return found

    return row


def _office(user_id: int, day: dt.date) -> str:
    """The posts that somebody held that day, with their units."""
    held = Post.objects.current(day).filter(user=user_id).select_related("organization")
    texts = [f"{post.organization.name} {post.get_role_display()}" for post in held.order_by("pk")]
    return "、".join(texts) or _("somebody without a post")
