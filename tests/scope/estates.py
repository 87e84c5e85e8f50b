"""What lies in each unit of the scope matrix, one thing of each kind, and what a viewer has."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone
from wagtail.log_actions import log

from cms.curated import Audience
from cms.models import LecturePage
from cms.programme.models import ActivityImport
from cms.review.models import Review, ReviewComment, ReviewStep, ReviewVersion
from cms.standing import Standing
from lms.classes.models import ClassImport, TrainingClass
from lms.gatherings.models import Attendance, Gathering
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.models import Upload, VideoAsset
from organizations.models import (
    Correction,
    Membership,
    Organization,
    RosterExport,
    RosterImport,
    Tag,
    User,
)
from tests.factories import (
    ActivityFactory,
    BaseFactory,
    ClaimFactory,
    ClassPlanFactory,
    CollectionFactory,
    EnquiryFactory,
    EnrolmentFactory,
    GatheringFactory,
    LecturePageFactory,
    MembershipFactory,
    MenuFactory,
    PlaySessionFactory,
    ProductionFactory,
    ProgrammeFactory,
    ReadingItemFactory,
    SessionItemFactory,
    SpeakerFactory,
    TrainingClassFactory,
    TranscodeJobFactory,
    UploadFactory,
    UserFactory,
    VideoAssetFactory,
    ViewingCheckFactory,
)
from tests.factories.reviews import reviewed
from tests.scope.marks import phone, secret


@dataclass
class Estate:
    """What lies in one unit."""

    unit: Organization
    person: User
    # Of another person: the site operator of the unit.
    holder: User
    correction: Correction
    recording: VideoAsset
    # Given up by the pipeline.
    failed: VideoAsset
    upload: Upload
    draft: LecturePage
    locked: LecturePage
    lecture: LecturePage
    # Published, in the library, premium, open to the public.
    decided: LecturePage
    # What the unit keeps and holds, by kind.
    kept: dict[str, Any]
    review: Review
    training_class: TrainingClass
    class_import: ClassImport
    roster_import: RosterImport
    roster_export: RosterExport
    # Of the person: a tie beside the home, a tag, a post.
    rows: dict[str, Any]


@dataclass
class Belongings:
    """What one viewer has of their own."""

    person: User
    recording: VideoAsset
    upload: Upload
    # Sent back, with a new version announced.
    review: Review
    roster_import: RosterImport
    roster_export: RosterExport
    activity_import: ActivityImport
    class_import: ClassImport


def own_recording(person: User) -> VideoAsset:
    asset = VideoAssetFactory(owner=person, ready=True, original_name="自己的录像.mp4")
    CaptionTrack.objects.create(
        asset=asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.RECOGNISED
    )
    return asset


def in_review(
    unit: Organization, author: User, title: str, *, name: str, sent_back: bool = False
) -> Review:
    """A lecture in its only review, held in the unit itself, where one person may do both."""
    asset = VideoAssetFactory(owner=author, ready=True, original_name="审核.mp4")
    CaptionTrack.objects.create(
        asset=asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.UPLOADED
    )
    lecture = LecturePageFactory(
        draft=True,
        title=title,
        slug=f"review-{name}",
        organization=unit,
        submitted_by=author,
        owner=author,
        asset=asset,
    )
    lecture.save_revision(user=author)
    review = Review.objects.create(
        lecture=lecture,
        asset=asset,
        uploader=author,
        organization=unit,
        state=Review.State.SENT_BACK if sent_back else Review.State.REVIEWING,
        held_since=timezone.now() - dt.timedelta(hours=1) if sent_back else None,
    )
    ReviewVersion.objects.create(review=review, number=1, asset=asset)
    ReviewStep.objects.create(
        review=review,
        round=1,
        version=1,
        position=0,
        kind="self",
        state=ReviewStep.State.SENT_BACK if sent_back else ReviewStep.State.OPEN,
        planned_unit=unit,
        unit=unit,
        separate=False,
        opened_at=timezone.now(),
    )
    ReviewComment.objects.create(review=review, version=1, round=1, text="示例", author=author)
    return review


def estate_of(unit: Organization, name: str, *, audience: Audience) -> Estate:
    person = UserFactory(
        name=secret("people", name),
        username=f"s-{name}",
        phone=phone(name),
        code=f"P-{name}",
        home=unit,
        is_demo=True,
    )
    owner = UserFactory(name=secret("people", name), home=unit, is_demo=True)
    holder = UserFactory(
        name=secret("contacts", name), home=unit, operator=True, unit=unit, is_demo=True
    )
    recording = VideoAssetFactory(
        ready=True, original_name=secret("recordings", name) + ".mp4", owner=owner
    )
    failed = VideoAssetFactory(
        failed=True, original_name=secret("recordings", name) + "4.mp4", owner=owner
    )
    TranscodeJobFactory(asset=failed, state="quarantined", attempt=3)
    # Through its reviews, so that it can be published.
    draft = reviewed(
        LecturePageFactory(
            draft=True,
            title=secret("drafts", name),
            slug=f"draft-{name}",
            organization=unit,
            submitted_by=owner,
            owner=owner,
            asset=VideoAssetFactory(
                ready=True, original_name=secret("recordings", name) + "2.mp4", owner=owner
            ),
        )
    )
    draft.save_revision(user=owner, log_action=True)
    lecture = LecturePageFactory(
        title=f"公开课{name}", slug=f"live-{name}", organization=unit, may_download=True
    )
    for asset in (lecture.asset, recording):
        CaptionTrack.objects.create(
            asset=asset, text="WEBVTT\n", cues=0, source=CaptionTrack.Source.RECOGNISED
        )
    # A change that nobody published yet.
    changed = LecturePage.objects.get(pk=lecture.pk)
    changed.title = secret("drafts", name)
    changed.save_revision(user=owner, log_action=True)
    lecture.refresh_from_db()
    # What a plan is called is told to units below, which may run it.
    training_class = TrainingClassFactory(
        title=secret("classes", name),
        organization=unit,
        plan=ClassPlanFactory(title=f"方案{name}", organization=unit, required=[lecture]),
        required=[lecture],
    )
    SessionItemFactory(training_class=training_class)
    ReadingItemFactory(training_class=training_class)
    EnrolmentFactory(training_class=training_class, user=person, organization=unit)
    log(instance=training_class, action="wagtail.edit", user=owner)
    locked = LecturePageFactory(
        draft=True,
        title=secret("drafts", name),
        slug=f"locked-{name}",
        organization=unit,
        locked=True,
        locked_by=owner,
        locked_at=timezone.now(),
        asset=None,
    )
    Authenticator.objects.create(
        user=person, type=Authenticator.Type.WEBAUTHN, data={"name": "K", "credential": {}}
    )
    return Estate(
        unit=unit,
        person=person,
        holder=holder,
        correction=Correction.objects.create(user=person, text=secret("people", name)),
        recording=recording,
        failed=failed,
        upload=UploadFactory(
            owner=owner, original_name=secret("recordings", name) + "3.mp4", offset=10
        ),
        draft=draft,
        locked=locked,
        lecture=lecture,
        decided=_decided(unit, name, owner),
        kept=_kept(unit, name, lecture, owner, person, audience),
        review=in_review(unit, owner, secret("drafts", name), name=name),
        training_class=training_class,
        class_import=ClassImport.objects.create(
            who=owner, training_class=training_class, file_name=secret("people", name)
        ),
        roster_import=roster_import(owner, unit, secret("people", name)),
        roster_export=roster_export(owner, unit, secret("people", name)),
        rows={
            "viewing": PlaySessionFactory(user=person, lecture=lecture, accepted=30),
            "check": ViewingCheckFactory(user=person),
            "attended": _attended(unit, name, person),
            "tie": MembershipFactory(user=person, organization=unit, kind=Membership.Kind.LEARNER),
            "tag": Tag.objects.create(
                user=person,
                dimension=Tag.Dimension.STATE,
                value=Tag.Value.RETIRED,
                valid_from=dt.date(2024, 1, 1),
            ),
        },
    )


def _decided(unit: Organization, name: str, owner: User) -> LecturePage:
    lecture = LecturePageFactory(
        title=f"入库课{name}", slug=f"decided-{name}", organization=unit, is_open=True
    )
    for kind in Standing.Kind:
        Standing.objects.create(
            lecture=lecture,
            kind=kind,
            organization=unit,
            since=timezone.now(),
            decided_by=owner,
        )
    return lecture


def _kept(
    unit: Organization,
    name: str,
    lecture: LecturePage,
    owner: User,
    person: User,
    audience: Audience,
) -> dict[str, Any]:
    return {
        "base": BaseFactory(organization=unit),
        "speaker": SpeakerFactory(organization=unit),
        "production": ProductionFactory(organization=unit),
        "collection": CollectionFactory(organization=unit, lectures=[lecture]),
        "menu": MenuFactory(organization=unit, audience=audience, lectures=[lecture]),
        "programme": ProgrammeFactory(
            organization=unit, title=secret("contacts", name), lectures=[lecture]
        ),
        "activity": ActivityFactory(organization=unit, title=secret("classes", name)),
        "activity_import": ActivityImport.objects.create(
            who=owner, file_name=secret("people", name)
        ),
        "gathering": GatheringFactory(
            organization=unit, title=secret("classes", name), lectures=[lecture], running=True
        ),
        "claim": ClaimFactory(
            user=person, organization=unit, title=secret("people", name), host="示例党校"
        ),
        "enquiry": EnquiryFactory(lecture=lecture, sender=person, text=secret("recordings", name)),
    }


def _attended(unit: Organization, name: str, person: User) -> Attendance:
    """An approved session with a guest beside the person."""
    gathering = GatheringFactory(
        organization=unit, title=secret("classes", name), state=Gathering.State.APPROVED, guests=1
    )
    return Attendance.objects.create(gathering=gathering, user=person, way=Attendance.Way.TICK)


def roster_import(who: User, unit: Organization, name: str) -> RosterImport:
    return RosterImport.objects.create(
        who=who, unit=unit, file_name=f"{name}.xlsx", state=RosterImport.State.CHECKED
    )


def roster_export(who: User, unit: Organization, reason: str) -> RosterExport:
    return RosterExport.objects.create(
        who=who,
        unit=unit,
        number=f"E{RosterExport.objects.count()}",
        reason=RosterExport.Reason.OTHER,
        reason_text=reason,
    )
