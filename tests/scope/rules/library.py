"""The library's pages, playing, uploading and delivery."""

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from tests.scope import tree
from tests.scope.marks import KEEPERS
from tests.scope.rule import (
    ABSENT,
    FORBIDDEN,
    LIST,
    MANAGED,
    NOBODY,
    OWN,
    OWNER,
    READABLE,
    READABLE_OR_HOME,
    SIGN_IN,
    SIGNED_IN,
    UNAUTHORISED,
    UPLOADS,
    Access,
    Rule,
)

TUS = (("Tus-Resumable", "1.0.0"),)
# 录像.mp4
NEW = (*TUS, ("Upload-Length", "10"), ("Upload-Metadata", "filename 5b2V5YOPLm1wNA=="))
CAPTIONS = "1\n00:00:01,000 --> 00:00:02,000\n同志们好\n".encode()
UPLOADERS = (tree.SECRETARY, *KEEPERS)
SENDS = Access(UPLOADERS, LIST)


def submission_form(world: object, unit: str, viewer: tree.Viewer) -> dict[str, str]:
    if viewer.role == tree.ANONYMOUS:
        return {}
    recording = world.belongings(viewer).recording  # type: ignore[attr-defined]
    return {
        "title": "新课",
        "speaker": "王芳",
        "subject": "skills",
        "recorded_on": "2024-06-01",
        "declaration": "on",
        "asset": str(recording.pk),
    }


def order_form(world: object, unit: str, viewer: tree.Viewer) -> dict[str, str]:
    """For the own unit, whichever menu it is."""
    return {"organization": f"S-{viewer.seat}", "on": timezone.localdate().isoformat()}


def activity_form(world: object, unit: str, viewer: tree.Viewer) -> dict[str, str]:
    return {
        "organization": f"S-{viewer.seat}",
        "held_on": "2026-01-01",
        "title": "党课",
        "speaker": "王芳",
        "place": "村部",
        "headcount": "20",
    }


def activity_workbook(
    world: object, unit: str, viewer: tree.Viewer
) -> dict[str, SimpleUploadedFile]:
    rows = f"单位,日期,题目,主讲人,地点,人数\nS-{viewer.seat},2026-01-01,党课,王芳,村部,20\n"
    return {"file": SimpleUploadedFile("a.csv", rows.encode())}


HOLDERS = (tree.SECRETARY, tree.OPERATOR, tree.OFFICER, tree.CURATOR, tree.ADMINISTRATOR)
SEES_FIGURES = tuple(role for role in tree.POSTS if role != tree.AUDITOR)
HOLDS_A_POST = Access(SEES_FIGURES, LIST)

RULES = {
    "wagtail_serve": (
        Rule(
            reads=SIGNED_IN,
            paths=("/library/",),
            queries=(
                *("?q=机密", "?q=jm", "?q=单位", "?q=公开&year=2026", "?p=2"),
                "?subject=skills&length=5",
                "?topic=1&audience=1&year=2026&state=premium",
            ),
            note="published lectures only",
        ),
        Rule(reads=SIGNED_IN, thing="lecture", paths=("/library/{slug}/",), note="published"),
        Rule(
            reads=NOBODY,
            thing="draft",
            paths=("/library/{slug}/",),
            stranger=ABSENT,
            note="drafts: in the admin only",
        ),
    ),
    "/library/_util/login/": Rule(
        reads=NOBODY, refusal=SIGN_IN, stranger=SIGN_IN, note="Wagtail's own form knows no limits"
    ),
    "wagtailcore_login": Rule(reads=NOBODY, refusal=SIGN_IN, stranger=SIGN_IN),
    "wagtailcore_authenticate_with_password": Rule(
        reads=NOBODY, paths=("/library/_util/authenticate_with_password/1/1/",), stranger=ABSENT
    ),
    "cms:playback": (
        Rule(
            reads=Access(KEEPERS, MANAGED),
            thing="draft",
            refusal=FORBIDDEN,
            stranger=FORBIDDEN,
            note="drafts",
        ),
        Rule(reads=SIGNED_IN, thing="lecture", stranger=FORBIDDEN, note="published lectures"),
    ),
    "cms:captions": (
        Rule(reads=SIGNED_IN, thing="lecture", stranger=FORBIDDEN, note="published lectures"),
        Rule(
            reads=NOBODY,
            thing="draft",
            refusal=FORBIDDEN | ABSENT,
            stranger=FORBIDDEN,
            note="drafts: who may publish them",
        ),
    ),
    "cms:text": (
        Rule(reads=SIGNED_IN, thing="lecture", note="published lectures"),
        Rule(reads=Access(KEEPERS, MANAGED), thing="draft", note="drafts"),
    ),
    "cms:lecture_handbill": Rule(reads=SIGNED_IN, thing="lecture", note="published lectures"),
    "cms:suggest": Rule(
        reads=SIGNED_IN,
        stranger=FORBIDDEN,
        queries=("?q=机密", "?q=jm", "?q=单位", "?q=公"),
        note="from published lectures only",
    ),
    "cms:pack": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        thing="lecture",
        stranger=SIGN_IN,
        changes=True,
        note="published lectures that are offered for download",
    ),
    "cms:recording": Rule(reads=OWNER, thing="recording", note="also who may publish its lecture"),
    "cms:recording_captions": Rule(
        reads=OWNER, thing="recording", stranger=ABSENT, note="also who may publish its lecture"
    ),
    "cms:captions_upload": Rule(
        reads=NOBODY,
        acts=OWNER,
        thing="recording",
        refusal=ABSENT,
        data=lambda world, unit, viewer: {"file": SimpleUploadedFile("captions.srt", CAPTIONS)},
        changes=True,
    ),
    "cms:captions_delete": Rule(
        reads=NOBODY, acts=OWNER, thing="recording", refusal=ABSENT, changes=True
    ),
    "cms:captions_confirm": Rule(
        reads=NOBODY,
        acts=OWNER,
        thing="recording",
        refusal=ABSENT,
        changes=True,
    ),
    "cms:chapters": Rule(
        reads=NOBODY,
        acts=OWNER,
        thing="recording",
        refusal=ABSENT,
        data=lambda world, unit, viewer: {"lines": "0:00 开场"},
        changes=True,
    ),
    "cms:poster": Rule(
        reads=NOBODY,
        acts=OWNER,
        thing="recording",
        refusal=ABSENT,
        data=lambda world, unit, viewer: {"second": "1"},
        changes=True,
    ),
    "media": Rule(
        reads=NOBODY,
        paths=("/v/a.0000000000.AAAAAAAAAAAAAAAAAAAAAA/package/master.m3u8",),
        refusal=FORBIDDEN,
        stranger=FORBIDDEN,
        note="whoever holds a signed address, until it runs out",
    ),
    "cms:tus": Rule(
        reads=NOBODY,
        acts=SENDS,
        refusal=FORBIDDEN,
        stranger=UNAUTHORISED,
        headers=NEW,
        changes=True,
    ),
    "cms:tus_upload": (
        Rule(
            reads=NOBODY,
            thing="upload",
            refusal=FORBIDDEN | ABSENT,
            stranger=UNAUTHORISED,
            headers=TUS,
            note="HEAD, PATCH and DELETE only",
        ),
        Rule(
            reads=NOBODY,
            acts=OWNER,
            acts_only=True,
            verb="DELETE",
            changes=True,
            thing="upload",
            refusal=FORBIDDEN | ABSENT,
            stranger=UNAUTHORISED,
            headers=TUS,
            note="DELETE, as HEAD and PATCH",
        ),
    ),
    "cms:upload": Rule(reads=SENDS, refusal=FORBIDDEN),
    "cms:submissions": Rule(
        reads=NOBODY, acts=SENDS, refusal=FORBIDDEN, data=submission_form, changes=True
    ),
    "cms:upload_resume": Rule(
        reads=NOBODY,
        acts=SENDS,
        refusal=FORBIDDEN,
        data=lambda world, unit, viewer: {"size": "10", "fingerprint": "x"},
        idle="looks for an upload of one's own",
    ),
    "cms:upload_status": Rule(reads=OWNER, thing="recording", queries=("?item=1",)),
    "cms:upload_preview": Rule(reads=OWNER, thing="recording"),
    "cms:recording_discard": Rule(
        reads=NOBODY, acts=OWNER, thing="recording", refusal=ABSENT, changes=True
    ),
    "cms:upload_retry": Rule(
        reads=NOBODY,
        acts=NOBODY,
        thing="recording",
        refusal=ABSENT,
        note="the owner, when processing failed",
    ),
    # -- collections, speakers, figures ----------------------------------------------------------
    "cms:collections": Rule(reads=SIGNED_IN),
    "cms:collection": Rule(reads=SIGNED_IN, thing="collection", note="those on show"),
    "cms:speakers": Rule(reads=SIGNED_IN, queries=("?q=机密", "?p=2")),
    "cms:speaker": Rule(reads=SIGNED_IN, thing="speaker"),
    "cms:figures": (
        Rule(reads=HOLDS_A_POST, refusal=FORBIDDEN, queries=("?from=2020-01-01", "?export=xlsx")),
        Rule(
            reads=Access(SEES_FIGURES, READABLE),
            thing="unit",
            paths=("/figures/library/?unit={code}",),
            refusal=FORBIDDEN | ABSENT,
            note="of a unit",
        ),
    ),
    # -- questions, problems, suggestions --------------------------------------------------------
    "enquiries:questions": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        thing="lecture",
        data=lambda world, unit, viewer: {"text": f"{viewer}问"},
        changes=True,
        note="published ones and one's own",
    ),
    "enquiries:problem": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        thing="lecture",
        data=lambda world, unit, viewer: {"about": "sound", "text": f"{viewer}听不到"},
        changes=True,
    ),
    "enquiries:suggestion": Rule(
        reads=SIGNED_IN,
        acts=SIGNED_IN,
        data=lambda world, unit, viewer: {"text": f"{viewer}建议"},
        changes=True,
    ),
    "enquiries:mine": Rule(reads=SIGNED_IN, queries=("?p=2",)),
    "enquiries:desk": Rule(
        reads=SENDS, refusal=FORBIDDEN, queries=("?done=1", "?kind=question", "?p=2")
    ),
    "enquiries:enquiry": Rule(
        reads=Access(KEEPERS, MANAGED),
        acts=Access(KEEPERS, MANAGED),
        thing="enquiry",
        refusal=ABSENT | FORBIDDEN,
        data=lambda world, unit, viewer: {"act": "answer", "text": "好的"},
        changes=True,
        note="also questions on lectures that one handed in, to propose an answer",
    ),
    # -- menus, programmes, lecture activities ---------------------------------------------------
    "programme:menus": Rule(reads=SIGNED_IN),
    "programme:menu": Rule(
        reads=SIGNED_IN,
        acts=Access(HOLDERS, LIST),
        thing="menu",
        refusal=FORBIDDEN,
        data=order_form,
        changes=True,
        note="ordering is for one's own unit and below",
    ),
    "programme:menu_handbill": Rule(reads=SIGNED_IN, thing="menu"),
    "programme:programmes": Rule(reads=Access(tree.PERSONS, LIST), queries=("?p=2",)),
    "programme:programme": Rule(
        reads=Access(tree.PERSONS, READABLE_OR_HOME),
        acts=Access(HOLDERS, MANAGED),
        thing="programme",
        refusal=ABSENT | FORBIDDEN,
        queries=("?q=单位",),
        data=lambda world, unit, viewer: {"act": "cancel"},
        changes=True,
    ),
    "programme:programme_handbill": Rule(
        reads=Access(tree.PERSONS, READABLE_OR_HOME), thing="programme"
    ),
    "programme:play": Rule(reads=Access(tree.PERSONS, READABLE_OR_HOME), thing="programme"),
    "programme:activities": (
        Rule(reads=HOLDS_A_POST, refusal=FORBIDDEN, queries=("?p=2", "?export=xlsx")),
        Rule(
            reads=Access(SEES_FIGURES, READABLE),
            thing="unit",
            paths=("/activities/?unit={code}",),
            refusal=FORBIDDEN | ABSENT,
            note="of a unit",
        ),
    ),
    "programme:figures": (
        Rule(reads=HOLDS_A_POST, refusal=FORBIDDEN, queries=("?export=xlsx",)),
        Rule(
            reads=Access(SEES_FIGURES, READABLE),
            thing="unit",
            paths=("/activities/figures/?unit={code}",),
            refusal=FORBIDDEN | ABSENT,
            note="of a unit",
        ),
    ),
    "programme:activity_new": (
        Rule(
            reads=Access(HOLDERS, LIST),
            acts=Access(HOLDERS, LIST),
            refusal=FORBIDDEN,
            data=activity_form,
            changes=True,
            note="for one's own unit and below",
        ),
        Rule(
            reads=Access(HOLDERS, MANAGED),
            thing="programme",
            paths=("/activities/new/?programme={pk}",),
            refusal=FORBIDDEN | ABSENT,
            note="from a programme that was held",
        ),
    ),
    "programme:activity": Rule(
        reads=Access(HOLDERS, MANAGED),
        acts=Access(HOLDERS, MANAGED),
        thing="activity",
        refusal=FORBIDDEN | ABSENT,
        data=lambda world, unit, viewer: {"act": "delete"},
        changes=True,
    ),
    "programme:import": Rule(
        reads=Access(HOLDERS, LIST),
        acts=Access(HOLDERS, LIST),
        refusal=FORBIDDEN,
        data=activity_workbook,
        changes=True,
    ),
    "programme:import_detail": Rule(
        reads=OWNER,
        acts=Access(HOLDERS, OWN),
        thing="activity_import",
        refusal=ABSENT | FORBIDDEN,
        data=lambda world, unit, viewer: {"act": "confirm"},
        changes=True,
        note="whoever uploaded it",
    ),
    "programme:template": Rule(reads=Access(HOLDERS, LIST), refusal=FORBIDDEN),
    "cms:upload_discard": Rule(
        reads=NOBODY, acts=OWNER, thing="upload", refusal=UPLOADS, changes=True
    ),
}
