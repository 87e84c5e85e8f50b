"""What the codes in the log are called. A code without a name is shown as it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from organizations.models import Membership, Organization, Post, Tag

ACTIONS: dict[str, Promise] = {
    "account.sign_in": _("signed in"),
    "account.sign_out": _("signed out"),
    "account.hold": _("too many mistakes at sign-in"),
    "account.password_change": _("changed the password"),
    "account.password_reset": _("set a new password"),
    "identity.link": _("linked an account from elsewhere"),
    "identity.unlink": _("unlinked an account from elsewhere"),
    "credential.issue": _("issued a one-time credential"),
    "credential.use": _("used a one-time credential"),
    "credential.revoke": _("revoked a one-time credential"),
    "second_factor.add": _("added a second factor"),
    "second_factor.remove": _("removed a second factor"),
    "second_factor.use": _("used a second factor"),
    "session.end": _("ended a session"),
    "person.create": _("entered the person"),
    "person.change": _("changed name, phone or code"),
    "person.transfer": _("transferred to another branch"),
    "person.import": _("imported from a roster"),
    "person.view": _("opened the personal record"),
    "person.reveal": _("showed masked names"),
    "person.erase": _("deleted the personal data"),
    "membership.open": _("began a membership"),
    "membership.close": _("ended a membership"),
    "post.open": _("gave a post"),
    "post.close": _("ended a post"),
    "tag.open": _("set a tag"),
    "tag.close": _("removed a tag"),
    "unit.create": _("made a unit"),
    "unit.rename": _("renamed a unit"),
    "unit.move": _("moved a unit"),
    "unit.merge": _("merged units"),
    "unit.close": _("closed a unit"),
    "unit.reopen": _("opened a unit again"),
    "grant.open": _("granted read scope"),
    "grant.close": _("ended granted read scope"),
    "roster.import": _("imported a roster"),
    "roster.export": _("exported a roster"),
    "data.view": _("looked at somebody's data"),
    "data.export": _("took a copy of the own data"),
    "data.correct": _("corrected data"),
    "correction.ask": _("asked for a correction"),
    "retention.clean": _("removed data past their time"),
    "access.deny": _("was refused"),
    "audit.view": _("read the log"),
    "audit.verify": _("checked the log"),
    "audit.export": _("exported the log"),
    "audit.anchor": _("anchored the log anew"),
    "upload.create": _("began an upload"),
    "upload.complete": _("finished an upload"),
    "upload.refuse": _("handed in no recording"),
    "upload.terminate": _("gave an upload up"),
    "upload.expire": _("let an upload lapse"),
    "asset.discard": _("deleted a recording"),
    "captions.put": _("brought captions"),
    "captions.recognise": _("had captions recognised from speech"),
    "captions.vouch": _("vouched for recognised captions"),
    "captions.delete": _("deleted captions"),
    "chapters.put": _("set chapters"),
    "chapters.delete": _("deleted chapters"),
    "poster.choose": _("chose a picture for a recording"),
    "job.retry": _("had a recording processed again"),
    "lecture.submit": _("handed in a lecture"),
    "lecture.publish": _("published a lecture"),
    "lecture.download": _("took a download pack"),
    "lecture.unpublish": _("took a lecture down"),
    "lecture.expire": _("took a lecture down at its planned end"),
    "lecture.schedule": _("scheduled a publication"),
    "lecture.schedule_end": _("called off a scheduled publication"),
    "lecture.library": _("took a lecture into the library"),
    "lecture.library_end": _("took a lecture out of the library"),
    "lecture.open": _("opened a lecture to the public"),
    "lecture.open_end": _("ended that a lecture is open to the public"),
    "lecture.premium": _("chose a lecture as premium"),
    "lecture.premium_end": _("ended that a lecture is premium"),
    "curated.create": _("added to the lists of the library"),
    "curated.change": _("changed the lists of the library"),
    "curated.delete": _("deleted from the lists of the library"),
    "library.export": _("exported a list of the library"),
    "programme.order": _("ordered a menu"),
    "programme.change": _("changed a programme"),
    "programme.cancel": _("called off a programme"),
    "activity.log": _("logged a lecture activity"),
    "activity.change": _("changed a lecture activity"),
    "activity.delete": _("deleted a lecture activity"),
    "activity.import": _("imported lecture activities"),
    "activity.export": _("exported lecture activities"),
    "enquiry.send": _("sent a question or suggestion"),
    "enquiry.propose": _("proposed an answer"),
    "enquiry.answer": _("answered a question or suggestion"),
    "enquiry.close": _("closed a question or suggestion"),
    "lecture.take_down": _("gave the reason for taking a lecture down"),
    "lecture.take_down_lift": _("brought a lecture back that was taken down"),
    "review.open": _("opened the review of a lecture"),
    "review.proofread": _("proofread a lecture"),
    "review.unread": _("changed captions or chapters after they had been proofread"),
    "review.secrecy": _("checked a lecture for secrets"),
    "review.comment": _("commented on a lecture in review"),
    "review.comment_remove": _("took a comment back"),
    "review.approve": _("passed a review"),
    "review.send_back": _("sent a lecture back"),
    "review.refuse": _("refused a lecture"),
    "review.resubmit": _("handed a lecture in again"),
    "review.replace": _("handed in a new version of a recording"),
    "review.hold": _("announced a new version of a recording"),
    "review.return": _("returned to the recording that had passed before"),
    "review.release": _("stayed with the recording that is there"),
    "review_line.change": _("changed which levels review"),
    "training_class.create": _("made a class"),
    "training_class.change": _("changed a class"),
    "training_class.delete": _("deleted a class"),
    "class_plan.create": _("made a class plan"),
    "class_plan.change": _("changed a class plan"),
    "class_plan.delete": _("deleted a class plan"),
    "class_plan.export": _("exported who is covered by a plan"),
    "enrolment.create": _("enrolled"),
    "enrolment.rule": _("enrolled by a rule"),
    "enrolment.import": _("enrolled from a workbook"),
    "enrolment_rule.create": _("set an enrolment rule"),
    "enrolment_rule.end": _("ended an enrolment rule"),
    "enrolment_request.make": _("asked to join a class"),
    "enrolment_request.take_back": _("took a request to join back"),
    "enrolment_request.refuse": _("refused a request to join"),
    "attendance.tick": _("ticked somebody as present"),
    "attendance.untick": _("took a tick of attendance away"),
    "reading.finish": _("read a text of a class"),
    "training_class.remind": _("reminded the learners of a class"),
    "enrolment.withdraw": _("withdrew from a class"),
    "completion.reach": _("completed a lecture"),
    "play_session.void": _("voided a watching session"),
    "claim.make": _("claimed hours learnt elsewhere"),
    "claim.change": _("changed a claim of hours"),
    "claim.withdraw": _("withdrew a claim of hours"),
    "claim.check": _("checked a claim of hours"),
    "claim.approve": _("approved a claim of hours"),
    "claim.send_back": _("sent a claim of hours back"),
    "claim.refuse": _("refused a claim of hours"),
    "credit_rule.make": _("set a version of the rule of hours"),
    "hour_target.set": _("set a yearly target of hours"),
    "hour_target.remove": _("removed a yearly target of hours"),
    "year.close": _("closed a year of the ledger"),
    "year.reopen": _("opened a year of the ledger again"),
}

# The groups one can filter by, with the nouns that belong to each.
GROUPS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "sign_in": (
        _("Sign-in and security"),
        ("account", "identity", "credential", "second_factor", "session"),
    ),
    "people": (_("People and posts"), ("person", "membership", "post", "tag", "correction")),
    "units": (_("Units and scope"), ("unit", "grant")),
    "data": (_("Imports and exports"), ("roster", "data", "retention")),
    "denied": (_("Refusals"), ("access",)),
    "learning": (
        _("Lectures and classes"),
        (
            *("upload", "asset", "job", "captions", "chapters", "poster", "lecture"),
            *("curated", "library", "programme", "activity", "review", "review_line", "enquiry"),
            *("training_class", "enrolment", "completion", "play_session", "class_plan"),
            *("enrolment_rule", "enrolment_request", "attendance", "reading"),
            *("claim", "credit_rule", "hour_target", "year"),
        ),
    ),
    "audit": (_("The log itself"), ("audit",)),
}

DETAILS: dict[str, Promise] = {
    "path": _("address of the page"),
    "reason": _("reason"),
    "rows": _("rows"),
    "row": _("row"),
    "count": _("count"),
    "code": _("code"),
    "fields": _("fields"),
    "group": _("kind of act"),
    "session": _("session"),
    "state": _("state"),
    "value": _("tag"),
    "people": _("people"),
    "entries": _("entries"),
    "newest": _("newest entries only"),
    "position": _("entry"),
    "method": _("way"),
    "way": _("way"),
    "what": _("what changed"),
    "unit": _("unit"),
    "organization": _("unit"),
    "user": _("person"),
    "person": _("person"),
    "list": _("list"),
    "minutes": _("minutes"),
    "bytes": _("bytes"),
    "asset": _("recording"),
    "format": _("format"),
    "from": _("from"),
    "to": _("until"),
    "role": _("post"),
    "kind": _("kind"),
    "on": _("day"),
    "why": _("reason"),
    "units": _("units"),
    "posts": _("posts"),
    "posts_ended": _("posts that ended"),
    "memberships": _("memberships"),
    "grants": _("grants"),
    "grants_ended": _("grants that ended"),
    "holder": _("line unit"),
    "source": _("where from"),
    "into": _("where to"),
    "first": _("first"),
    "last": _("last"),
    "provider": _("provider"),
    "kinds": _("kind"),
    "full_phones": _("whole phone numbers"),
    "fetched": _("fetched"),
    "stopped": _("stopped"),
    "foreign": _("rows that name people of other units"),
    "asked": _("filter"),
    "completion": _("completion"),
    "lecture": _("lecture"),
    "lectures": _("completions taken back, of the lectures"),
    "step": _("step of the review"),
    "version": _("version"),
    "round": _("round"),
    "levels": _("levels"),
    "take_down": _("take-down"),
    "rule": _("version of the rule"),
    "seconds": _("seconds covered at that instant"),
    "at": _("time"),
    "year": _("year"),
    "hours": _("hours"),
}

# What short codes in the facts mean; posts, tags and kinds of units have words of their own.
VALUES: dict[str, Promise] = {
    "hand": _("by hand"),
    "rule": _("by a rule"),
    "excel": _("from Excel"),
    "asked": _("asked to join"),
    "password": _("password"),
    "sms": _("text message"),
    "code": _("text message"),
    "wecom": _("WeCom"),
    "oidc": _("single sign-on"),
    "credential": _("one-time credential"),
    "totp": _("authenticator app"),
    "webauthn": _("passkey"),
    "recovery_codes": _("printed code"),
    "remote": _("signed out from another device"),
    "others": _("signed out everywhere else"),
    "idle": _("not used for long"),
    "expired": _("its time was over"),
    "cancelled": _("cancelled"),
    "failed": _("failed"),
    "people": _("people"),
    "units": _("units"),
    "people:list": _("Roster"),
    "people:detail": _("person"),
    "classes:progress": _("Progress"),
    "classes:desk": _("class"),
    "classes:people": _("learners of a class"),
    "classes:enrol": _("enrolling by hand"),
    "classes:session": _("list of a session"),
    "classes:coverage": _("coverage by category"),
    "gatherings:detail": _("roll of a session"),
    "gatherings:void_person": _("one person of a session"),
    "reports:missing": _("who has not learnt yet"),
    "reports:rows": _("rows of learning figures"),
    "reports:class_missing": _("who has not completed a class"),
    "classes:import_detail": _("import of learners"),
    "roster:import_detail": _("roster import"),
    "enquiries:desk": _("questions and suggestions"),
    "enquiries:enquiry": _("question or suggestion"),
    "question": _("question to the speaker"),
    "problem": _("problem with a lecture"),
    "suggestion": _("complaint or suggestion"),
}
CHOICES = (Post.Role, Tag.Value, Tag.Dimension, Membership.Kind, Organization.Kind)
WORDS: dict[str, Any] = {
    **{code: label for kind in CHOICES for code, label in kind.choices},
    **VALUES,
}

# What a verification found (`audit.verification`).
PROBLEMS: dict[str, Promise] = {
    "altered": _("an entry was altered"),
    "missing": _("an entry is missing"),
    "inserted": _("entries were inserted"),
    "truncated": _("the end of the log is missing"),
    "rewritten": _("the end of the log was written anew"),
    "head": _("the end of the log is not where it should be"),
    "anchor": _("the anchor is missing or out of reach"),
    "forged": _("the anchor was altered"),
    "foreign": _("the anchor belongs to another database"),
    "guards": _("the protecting triggers are missing or altered"),
    "key": _("the key does not fit"),
}


def action_label(action: str) -> str:
    return str(ACTIONS.get(action, action))


def group_nouns(group: str) -> tuple[str, ...]:
    return GROUPS[group][1]


def target_label(target_type: str) -> str:
    """What a kind of object is called; the code when there is no such kind any more."""
    try:
        return str(apps.get_model(target_type)._meta.verbose_name)
    except (LookupError, ValueError):
        return target_type


def detail_text(detail: Any) -> str:
    """Facts in one line, in the order of their codes: the databases keep no other.

    Facts without a name are for machines; they stand in the export.
    """
    return gettext("; ").join(_facts(detail) if isinstance(detail, dict) else ())


def _facts(detail: dict[str, Any]) -> Iterator[str]:
    for key, value in sorted(detail.items()):
        if isinstance(value, dict):
            yield from _facts(value)
        elif key in DETAILS and value not in (None, "", []):
            yield gettext("%(name)s: %(value)s") % {"name": DETAILS[key], "value": _value(value)}


def _value(value: Any) -> str:
    if isinstance(value, list):
        return gettext(", ").join(map(_value, value))
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    return str(WORDS.get(str(value), value))
