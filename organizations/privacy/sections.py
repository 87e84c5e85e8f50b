"""What accounts, ties and sign-in keep about a person, in words for that person."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from organizations.models import Correction, Credential, Membership, Post, RosterRow, Tag
from organizations.privacy.holdings import QueryRows, Row, Section, register
from organizations.signin.device_words import device_words


def contribute() -> None:
    for name, collect in {
        "account": account,
        "ties": ties,
        "posts": posts,
        "tags": tags,
        "credentials": credentials,
        "second-factors": second_factors,
        "identities": identities,
        "sessions": sessions,
        "corrections": corrections,
        "rosters": rosters,
    }.items():
        register(name, collect)


def account(person: Any) -> Section:
    return Section(
        title=_("Account"),
        why=_("To sign you in, to reach you, and so that your unit finds you in its roster."),
        kept=_("As long as you learn here; some years after you have left, at the latest."),
        labels={
            "name": _("Full name"),
            "account": _("Account"),
            "phone": _("Phone"),
            "code": _("Person code"),
            "joined": _("Account made"),
            "activated": _("First signed in"),
            "last_sign_in": _("Last signed in"),
            "elder_mode": _("Large print"),
        },
        rows=[
            {
                "name": person.name,
                "account": person.username,
                "phone": person.phone,
                "code": person.code,
                "joined": person.date_joined,
                "activated": person.activated_at,
                "last_sign_in": person.last_login,
                "elder_mode": person.elder_mode,
            }
        ],
        icon="me",
    )


def ties(person: Any) -> Section:
    return Section(
        title=_("Branches and units you belong to"),
        why=_(
            "To enrol you in the right classes and to count for the right unit. This is "
            "sensitive and used for nothing else."
        ),
        kept=_for_good(),
        labels={"kind": _("Kind"), "unit": _("Unit"), "from": _("From"), "until": _("Until")},
        rows=QueryRows(
            Membership.objects.filter(user=person)
            .select_related("organization")
            .order_by("-valid_from", "pk"),
            lambda tie: {
                "kind": tie.get_kind_display(),
                "unit": tie.organization.name,
                "from": tie.valid_from,
                "until": tie.valid_to,
            },
        ),
        icon="unit",
    )


def posts(person: Any) -> Section:
    return Section(
        title=_("Posts"),
        why=_("They decide what you may see and do here."),
        kept=_for_good(),
        labels={"post": _("Post"), "unit": _("Unit"), "from": _("From"), "until": _("Until")},
        rows=QueryRows(
            Post.objects.filter(user=person)
            .select_related("organization")
            .order_by("-valid_from", "pk"),
            lambda post: {
                "post": post.get_role_display(),
                "unit": post.organization.name,
                "from": post.valid_from,
                "until": post.valid_to,
            },
        ),
        icon="key",
    )


def tags(person: Any) -> Section:
    return Section(
        title=_("Tags"),
        why=_(
            "Your unit sets them: field of work, position, stage, whether you are exempt. They "
            "decide which learning is meant for you."
        ),
        kept=_(
            "Until you or your unit delete your data. State and stage stay without your name, "
            "because figures rest on them."
        ),
        labels={"kind": _("Kind"), "tag": _("Tag"), "from": _("From"), "until": _("Until")},
        rows=QueryRows(
            Tag.objects.filter(user=person).order_by("-valid_from", "pk"),
            lambda tag: {
                "kind": tag.get_dimension_display(),
                "tag": tag.get_value_display(),
                "from": tag.valid_from,
                "until": tag.valid_to,
            },
        ),
        icon="tag",
    )


def credentials(person: Any) -> Section:
    return Section(
        title=_("One-time credentials"),
        why=_(
            "Issued by your unit so that you can set a password. Only the times are kept, "
            "never the code itself."
        ),
        kept=_("Some weeks after one was used or ran out."),
        labels={
            "issued": _("Issued"),
            "expires": _("Valid until"),
            "used": _("Used"),
            "revoked": _("Revoked"),
        },
        rows=QueryRows(
            Credential.objects.filter(user=person).order_by("-issued_at", "pk"),
            lambda credential: {
                "issued": credential.issued_at,
                "expires": credential.expires_at,
                "used": credential.used_at,
                "revoked": credential.revoked_at,
            },
        ),
        icon="print",
    )


def second_factors(person: Any) -> Section:
    return Section(
        title=_("Second factors"),
        why=_("They protect your account beside the password."),
        kept=_("Until you remove them or delete your data."),
        labels={"kind": _("Kind"), "added": _("Added"), "used": _("Last used")},
        rows=QueryRows(
            Authenticator.objects.filter(user=person).order_by("-created_at", "pk"),
            lambda factor: {
                "kind": factor.get_type_display(),
                "added": factor.created_at,
                "used": factor.last_used_at,
            },
        ),
        icon="shield",
    )


def identities(person: Any) -> Section:
    return Section(
        title=_("Linked accounts"),
        why=_("You sign in with them: only which account it is, nothing else from there."),
        kept=_("Until you remove them or delete your data."),
        labels={
            "provider": _("Where from"),
            "name": _("Name there"),
            "linked": _("Linked"),
            "used": _("Last used"),
        },
        rows=QueryRows(
            SocialAccount.objects.filter(user=person).order_by("pk"),
            lambda identity: {
                "provider": identity.provider,
                "name": identity.uid,
                "linked": identity.date_joined,
                "used": identity.last_login,
            },
        ),
        icon="external",
    )


def sessions(person: Any) -> Section:
    return Section(
        title=_("Where you are signed in"),
        why=_("So that you notice a sign-in that was not yours, and can end it."),
        kept=_("Until you sign out or the session runs out."),
        labels={
            "since": _("Since"),
            "seen": _("Last used"),
            "address": _("Network address"),
            "device": _("Device and browser"),
            "said": _("As the browser calls itself"),
        },
        rows=QueryRows(
            UserSession.objects.filter(user=person).order_by("-last_seen_at", "pk"),
            lambda session: {
                "since": session.created_at,
                "seen": session.last_seen_at,
                "address": session.ip,
                "device": device_words(session.user_agent),
                "said": session.user_agent,
            },
        ),
        icon="phone",
    )


def corrections(person: Any) -> Section:
    return Section(
        title=_("Corrections you asked for"),
        why=_("So that your unit can answer and you can read the answer."),
        kept=_("About a year after the answer."),
        labels={
            "sent": _("Sent"),
            "text": _("What is wrong and what is right"),
            "state": _("State"),
            "answer": _("Answer"),
            "answered": _("Answered"),
        },
        rows=QueryRows(Correction.objects.filter(user=person).order_by("-created_at"), _wish),
        icon="feedback",
    )


def rosters(person: Any) -> Section:
    """Staged rows of files; the words of the file itself, whatever became of them."""
    return Section(
        title=_("Rosters that named you"),
        why=_("Your unit imports its roster from a workbook; the row shows what it said."),
        kept=_("Some weeks, then the rows and the files are removed."),
        labels={
            "imported": _("Imported"),
            "unit": _("Unit"),
            "said": _("What the row said"),
            "outcome": _("Outcome"),
        },
        rows=QueryRows(
            RosterRow.objects.filter(person=person)
            .select_related("roster_import__unit")
            .order_by("-pk"),
            lambda row: {
                "imported": row.roster_import.created_at,
                "unit": row.roster_import.unit.name if row.roster_import.unit else "",
                "said": _words(row.data),
                "outcome": row.get_outcome_display() or row.get_plan_display(),
            },
        ),
        icon="upload",
    )


def _words(data: Any) -> list[str]:
    """The texts of a row of JSON, in its order."""
    values = data.values() if isinstance(data, dict) else data
    found: list[str] = []
    for value in values:
        if isinstance(value, (dict, list)):
            found += _words(value)
        elif value not in (None, "", True, False):
            found.append(str(value))
    return found


def _wish(correction: Correction) -> Row:
    return {
        "sent": correction.created_at,
        "text": correction.text,
        "state": correction.get_state_display(),
        "answer": correction.answer,
        "answered": correction.answered_at,
    }


def _for_good() -> str:
    return _(
        "For good, because figures rest on it; without your name once you have deleted your data."
    )
