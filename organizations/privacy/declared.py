"""What becomes of the rows of accounts, sign-in and the log when a person is erased.

The tables of upper floors are declared there (`cms.personal_data`, `lms.*.personal_data`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import Q
from django.utils import timezone

from organizations.privacy.rules import Fate, declare, declare_act

# What a staged row holds once its person is gone.
STAGED: dict[str, Any] = {"code": "", "data": {}, "changes": [], "messages": []}


def declare_all() -> None:
    _accounts()
    _ties()
    _rosters()
    _sign_in()
    _log()


def _accounts() -> None:
    from organizations.privacy.erasing import erased_username, pseudonym

    declare(
        "organizations.User",
        {"pk": Fate.CLEAR},
        clear={
            "username": erased_username,
            "name": pseudonym,
            "code": None,
            "phone": None,
            "email": "",
            "password": _no_password,
            "last_login": None,
            "activated_at": None,
            "elder_mode": False,
            "is_active": False,
            "is_staff": False,
            "is_superuser": False,
            "erased_at": _now,
        },
        rest=("date_joined", "is_demo", "groups", "user_permissions"),
        why="The row is the pseudonym that figures rest on; groups are left in the same act.",
    )
    declare(
        "organizations.Correction",
        {"user": Fate.CLEAR, "answered_by": Fate.KEEP},
        clear={"text": "", "answer": ""},
        rest=("state", "created_at", "answered_at"),
        why="That a wish was answered stays; its words go.",
    )
    declare(
        "organizations.Credential",
        {"user": Fate.DELETE, "issued_by": Fate.KEEP},
        rest=("digest", "issued_at", "expires_at", "used_at", "revoked_at"),
        why="Who issued a credential answers for it.",
    )


def _ties() -> None:
    dates = ("valid_from", "valid_to")
    declare(
        "organizations.Membership",
        {"user": Fate.KEEP},
        rest=(*dates, "organization", "kind", "end_reason", "marks"),
        why="Closed; past figures of a unit count it.",
    )
    declare(
        "organizations.Post",
        {"user": Fate.KEEP},
        rest=(*dates, "organization", "role"),
        why="Closed; who held an office when explains what was done in it.",
    )
    declare(
        "organizations.Tag",
        {"user": Fate.KEEP},
        rest=(*dates, "dimension", "value"),
        why="State and stage, closed: past figures count them. The others are deleted.",
    )
    declare_act("tags that no figure counts", _delete_tags)
    declare(
        "organizations.ScopeGrant",
        {"granted_by": Fate.KEEP},
        rest=(*dates, "holder", "organization"),
        why="The grant is an act of a unit.",
    )


def _delete_tags(person: Any) -> int:
    """Whom a unit counted as exempt or away on a past day stays counted; today it ends."""
    from organizations.models import Tag, today

    rows = Tag.objects.filter(user=person)
    counted = Q(dimension__in=(Tag.Dimension.STATE, Tag.Dimension.STAGE))
    count, _each = rows.filter(~counted | Q(valid_from__gt=today())).delete()
    rows.filter(Q(valid_to__isnull=True) | Q(valid_to__gt=today())).update(valid_to=today())
    return count


def _rosters() -> None:
    leased = ("fence", "attempts", "lease_owner", "lease_expires_at")
    office = "An act of the unit; its file goes after some days (retention)."
    declare(
        "organizations.RosterRow",
        {"person": Fate.CLEAR},
        clear=STAGED,
        rest=("roster_import", "number", "step", "plan", "outcome"),
        why="Counts of the import.",
    )
    declare(
        "organizations.RosterImport",
        {"who": Fate.KEEP},
        rest=(
            *leased,
            *("uuid", "kind", "state", "unit", "file_name", "source", "outcome", "created_at"),
            *("checked_at", "finished_at", "rows_total", "rows_done", "plans", "outcomes"),
            *("notes", "reason"),
        ),
        why=office,
    )
    declare(
        "organizations.RosterExport",
        {"who": Fate.KEEP},
        rest=(
            *leased,
            *("uuid", "number", "state", "unit", "filters", "reason", "reason_text"),
            *("full_phones", "rows", "rows_done", "file", "created_at", "finished_at"),
            *("expires_at", "failure"),
        ),
        why=office,
    )
    declare_act("staged roster rows", _clear_staged)


def _clear_staged(person: Any) -> int:
    """Rows of files that name the person, also by code or phone only; what is not written never
    will be.
    """
    from organizations.models import RosterRow

    named = Q(person=person)
    if person.code:
        named |= Q(code=person.code)
    if person.phone:
        named |= Q(data__phone=person.phone)
    rows = RosterRow.objects.filter(named)
    rows.filter(outcome=RosterRow.Outcome.WAITING).update(plan=RosterRow.Plan.REFUSE)
    return rows.update(**STAGED)


def _sign_in() -> None:
    declare("account.EmailAddress", {"user": Fate.DELETE}, rest=("email", "verified", "primary"))
    declare(
        "mfa.Authenticator",
        {"user": Fate.DELETE},
        rest=("type", "data", "created_at", "last_used_at"),
    )
    declare(
        "socialaccount.SocialAccount",
        {"user": Fate.DELETE},
        rest=("provider", "uid", "last_login", "date_joined", "extra_data"),
    )
    declare(
        "usersessions.UserSession",
        {"user": Fate.DELETE},
        rest=("created_at", "ip", "last_seen_at", "session_key", "user_agent", "data"),
    )


def _log() -> None:
    declare(
        "audit.AuditEntry",
        {"actor": Fate.KEEP},
        rest=(
            *("position", "digest", "at", "action", "target_type", "target_id", "result"),
            *("address", "detail"),
        ),
        why="Append-only and chained; holds ids, which lead to the pseudonym from then on.",
    )


def _now(person: Any) -> dt.datetime:
    return timezone.now()


def _no_password(person: Any) -> str:
    return make_password(None)
