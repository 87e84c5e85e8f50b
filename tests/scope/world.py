"""The rows of the scope matrix: in every unit one thing of each kind, and one person per viewer."""

from __future__ import annotations

import datetime as dt
from typing import Any

from cms.programme.models import ActivityImport
from cms.shelves import shelf_for
from lms.classes.models import ClassImport, TrainingClass
from organizations.models import (
    Membership,
    Organization,
    ScopeGrant,
)
from organizations.units.tree import organization_close
from tests.factories import (
    AudienceFactory,
    EnrolmentFactory,
    MembershipFactory,
    OrganizationFactory,
    PostFactory,
    TopicFactory,
    TrainingClassFactory,
    UploadFactory,
    UserFactory,
)
from tests.scope import tree
from tests.scope.estates import (
    Belongings,
    Estate,
    estate_of,
    in_review,
    own_recording,
    roster_export,
    roster_import,
)
from tests.scope.tree import SELF, Viewer


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
        self.estates = {
            name: estate_of(unit, name, audience=self.audience) for name, unit in self.units.items()
        }
        # Below each unit with a shelf a branch without anybody, and one that was closed.
        self.empty = {name: self._spare(name, "empty") for name in tree.UNITS}
        self.closed = {name: self._spare(name, "closed") for name in tree.UNITS}
        self.shared = self._shared_class()
        self.people: dict[Viewer, Belongings] = {}

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
            class_import=ClassImport.objects.create(
                who=person,
                file_name="自己的名单.xlsx",
                training_class=self.estates[viewer.seat].training_class,
            ),
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
            "class_import": {
                "pk": own.class_import.training_class_id,
                "key": own.class_import.pk,
            },
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
            "class_item": self._item(estate, "lecture"),
            "class_session": self._item(estate, "session"),
            "class_reading": self._item(estate, "reading"),
            "class_import": {"pk": estate.training_class.pk, "key": estate.class_import.pk},
            "plan": {"pk": estate.training_class.plan_id},
            "plan_item": {
                "pk": estate.training_class.plan_id,
                "item": estate.training_class.plan.items.get().pk,
            },
            "unit": {"code": estate.unit.code, "pk": estate.unit.pk},
            "empty": {"code": self.empty[unit].code},
            "closed": {"code": self.closed[unit].code},
            "correction": {"pk": estate.correction.pk},
            "import": {"key": estate.roster_import.pk, "act": "cancel"},
            "export": {"key": estate.roster_export.pk},
            "viewing": {"pk": estate.person.pk, "session": estate.rows["viewing"].pk},
            "check": {"pk": estate.rows["check"].pk},
            "attended": {"pk": estate.rows["attended"].gathering_id, "user": estate.person.pk},
            "tie": {"pk": estate.person.pk, "row": estate.rows["tie"].pk},
            "tag": {"pk": estate.person.pk, "row": estate.rows["tag"].pk},
            "post": {"pk": estate.holder.pk, "row": estate.holder.posts.get().pk},
        }
        return found[thing]

    def _item(self, estate: Estate, content: str) -> dict[str, Any]:
        item = estate.training_class.items.get(content=content)
        return {"pk": estate.training_class.pk, "item": item.pk}

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
