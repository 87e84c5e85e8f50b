"""The rows of the scope matrix: in every unit one thing of each kind, and one person per viewer."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.utils import timezone
from wagtail.log_actions import log

from cms.models import LecturePage
from cms.programme.models import ActivityImport
from cms.review.models import Review, ReviewComment, ReviewStep, ReviewVersion
from cms.shelves import shelf_for
from cms.standing import Standing
from lms.classes.models import TrainingClass
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.models import Upload, VideoAsset
from organizations.models import (
    Correction,
    Membership,
    Organization,
    RosterExport,
    RosterImport,
    ScopeGrant,
    Tag,
    User,
)
from organizations.units.tree import organization_close
from tests.factories import (
    ActivityFactory,
    AudienceFactory,
    BaseFactory,
    CollectionFactory,
    EnquiryFactory,
    EnrolmentFactory,
    LecturePageFactory,
    MembershipFactory,
    MenuFactory,
    OrganizationFactory,
    PostFactory,
    ProductionFactory,
    ProgrammeFactory,
    SpeakerFactory,
    TopicFactory,
    TrainingClassFactory,
    TranscodeJobFactory,
    UploadFactory,
    UserFactory,
    VideoAssetFactory,
)
from tests.scope import tree
from tests.scope.marks import phone, secret
from tests.scope.tree import SELF, Viewer


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


class World:
    """`address` gives the arguments of an address for a thing, seen by a viewer."""

    def __init__(self) -> None:
        self.units: dict[str, Organization] = {}
        for name, (kind, parent) in tree.UNITS.items():
            trait = {} if kind == "branch" else {kind: True}
            self.units[name] = OrganizationFactory(
                **trait, parent=self.units.get(parent), name=f"单位{name}", code=f"S-{name}"
            )
        for unit in self.units.values():
            unit.refresh_from_db()
        for holder, given in tree.GRANTS.items():
            ScopeGrant.objects.create(
                holder=self.units[holder],
                organization=self.units[given],
                valid_from=dt.date(2024, 1, 1),
            )
        # On menus, and a word that nothing uses.
        self.audience, self.word = AudienceFactory(), AudienceFactory()
        self.topic = TopicFactory()
        self.estates = {name: self._estate(name) for name in self.units}
        # Below each unit with a shelf a branch without anybody, and one that was closed.
        self.empty = {name: self._spare(name, "empty") for name in tree.UNITS}
        self.closed = {name: self._spare(name, "closed") for name in tree.UNITS}
        self.shared = self._shared_class()
        self.people: dict[Viewer, Belongings] = {}

    def _estate(self, name: str) -> Estate:
        unit = self.units[name]
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
        draft = LecturePageFactory(
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
        training_class = TrainingClassFactory(
            title=secret("classes", name), organization=unit, required=[lecture]
        )
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
            decided=self._decided(name, owner),
            kept=self._kept(name, lecture, owner, person),
            review=in_review(unit, owner, secret("drafts", name), name=name),
            training_class=training_class,
            roster_import=roster_import(owner, unit, secret("people", name)),
            roster_export=roster_export(owner, unit, secret("people", name)),
            rows={
                "tie": MembershipFactory(
                    user=person, organization=unit, kind=Membership.Kind.LEARNER
                ),
                "tag": Tag.objects.create(
                    user=person,
                    dimension=Tag.Dimension.STATE,
                    value=Tag.Value.RETIRED,
                    valid_from=dt.date(2024, 1, 1),
                ),
            },
        )

    def _decided(self, name: str, owner: User) -> LecturePage:
        unit = self.units[name]
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

    def _kept(self, name: str, lecture: LecturePage, owner: User, person: User) -> dict[str, Any]:
        unit = self.units[name]
        return {
            "base": BaseFactory(organization=unit),
            "speaker": SpeakerFactory(organization=unit),
            "production": ProductionFactory(organization=unit),
            "collection": CollectionFactory(organization=unit, lectures=[lecture]),
            "menu": MenuFactory(organization=unit, audience=self.audience, lectures=[lecture]),
            "programme": ProgrammeFactory(
                organization=unit, title=secret("contacts", name), lectures=[lecture]
            ),
            "activity": ActivityFactory(organization=unit, title=secret("classes", name)),
            "activity_import": ActivityImport.objects.create(
                who=owner, file_name=secret("people", name)
            ),
            "enquiry": EnquiryFactory(
                lecture=lecture, sender=person, text=secret("recordings", name)
            ),
        }

    def _spare(self, name: str, what: str) -> Organization:
        holder = tree.shelf_unit(name)
        found = Organization.objects.filter(code=f"S-{what}-{holder}").first()
        if found is None:
            found = OrganizationFactory(
                parent=self.units[holder], name=f"单位{what}", code=f"S-{what}-{holder}"
            )
            if what == "closed":
                organization_close(actor=None, organization=found)
        return found

    def _shared_class(self) -> TrainingClass:
        """A class of the city in which somebody of every unit learns; its title is no secret."""
        shared = TrainingClassFactory(
            title="全市示范班",
            organization=self.units["city"],
            required=[self.estates["city"].lecture],
        )
        for name, estate in self.estates.items():
            EnrolmentFactory(
                training_class=shared, user=estate.person, organization=self.units[name]
            )
        return shared

    def belongings(self, viewer: Viewer) -> Belongings:
        """The viewer's account with the post, and what it uploaded. Made on the first call."""
        if viewer not in self.people:
            self.people[viewer] = self._belongings(viewer)
        return self.people[viewer]

    def _belongings(self, viewer: Viewer) -> Belongings:
        seat = self.units[viewer.seat]
        # Demo accounts are not led to set up a second factor first.
        number = f"1370000{len(self.people):04d}"
        person = UserFactory(name=f"本人{viewer}", username=str(viewer), phone=number, is_demo=True)
        if viewer.holds_post:
            PostFactory(user=person, organization=seat, role=viewer.role)
        else:
            kind = Membership.Kind.HOME if viewer.role == tree.MEMBER else Membership.Kind.LEARNER
            MembershipFactory(user=person, organization=seat, kind=kind)
        EnrolmentFactory(training_class=self.shared, user=person, organization=seat)
        return Belongings(
            person=person,
            recording=own_recording(person),
            upload=UploadFactory(owner=person, original_name="自己的上传.mp4"),
            review=in_review(
                seat, person, "自己的课", name=f"{viewer.role}-{viewer.seat}", sent_back=True
            ),
            roster_import=roster_import(person, seat, "自己的名册"),
            roster_export=roster_export(person, seat, "自己的理由"),
            activity_import=ActivityImport.objects.create(who=person, file_name="自己的台账.xlsx"),
        )

    def address(self, thing: str, unit: str, viewer: Viewer, relation: str) -> dict[str, Any]:
        """The arguments of an address that leads to a thing."""
        if relation == SELF:
            return self._own(thing, viewer)
        if thing == "draft_out":
            # One's own draft, on its way to the shelf of another unit.
            return self._move(viewer.seat or unit, unit)
        if thing == "draft_in":
            return self._move(unit, viewer.seat or unit)
        return self._argument(thing, unit)

    def _move(self, unit: str, to: str) -> dict[str, Any]:
        return {
            "page_to_move_id": self.estates[unit].draft.pk,
            "destination_id": shelf_for(self.units[to]).pk,
        }

    def _own(self, thing: str, viewer: Viewer) -> dict[str, Any]:
        own = self.belongings(viewer)
        found: dict[str, dict[str, Any]] = {
            "recording": {"asset_id": own.recording.pk, "pk": own.recording.pk},
            "upload": {"upload_id": own.upload.pk},
            "submission": {"lecture_id": own.review.lecture_id},
            "person": {"pk": own.person.pk},
            "import": {"key": own.roster_import.pk, "act": "cancel"},
            "export": {"key": own.roster_export.pk},
            "activity_import": {"key": own.activity_import.pk},
        }
        return found[thing]

    def _argument(self, thing: str, unit: str) -> dict[str, Any]:
        estate = self.estates[unit]
        if thing in ("draft", "lecture", "locked", "decided"):
            return self._page(getattr(estate, thing), estate)
        if thing == "shelf":
            shelf = shelf_for(estate.unit)
            return self._page(shelf, estate) | {"parent_page_id": shelf.pk}
        if thing in estate.kept:
            return {"pk": estate.kept[thing].pk, "key": estate.kept[thing].pk}
        found: dict[str, dict[str, Any]] = {
            "topics": {"pk": self.topic.pk},
            "audiences": {"pk": self.word.pk},
            "recording": {"asset_id": estate.recording.pk, "pk": estate.recording.pk},
            "failed": {"asset_id": estate.failed.pk},
            "upload": {"upload_id": estate.upload.pk},
            "submission": {"lecture_id": estate.review.lecture_id},
            "review": {
                "pk": estate.review.pk,
                "comment_id": estate.review.comments.get().pk,
            },
            "person": {"pk": estate.person.pk},
            "class": {"pk": estate.training_class.pk},
            "unit": {"code": estate.unit.code, "pk": estate.unit.pk},
            "empty": {"code": self.empty[unit].code},
            "closed": {"code": self.closed[unit].code},
            "correction": {"pk": estate.correction.pk},
            "import": {"key": estate.roster_import.pk, "act": "cancel"},
            "export": {"key": estate.roster_export.pk},
            "tie": {"pk": estate.person.pk, "row": estate.rows["tie"].pk},
            "tag": {"pk": estate.person.pk, "row": estate.rows["tag"].pk},
            "post": {"pk": estate.holder.pk, "row": estate.holder.posts.get().pk},
        }
        return found[thing]

    def _page(self, page: Any, estate: Estate) -> dict[str, Any]:
        revision = page.get_latest_revision()
        return {
            "slug": page.slug,
            "page_id": page.pk,
            "pk": page.pk,
            "lecture_id": page.pk,
            "page_to_move_id": page.pk,
            "page_pk": page.pk,
            "object_id": page.pk,
            "revision_id": revision.pk if revision else 0,
            "destination_id": shelf_for(estate.unit).pk,
            "content_type_app_name": "cms",
            "content_type_model_name": "lecturepage",
            "app_label": "cms",
            "model_name": "lecturepage",
        }


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
