"""The factories make what their names and traits say."""

import pytest

from cms.models import LecturePage
from lms.classes.models import ClassItem
from media_pipeline.models import VideoAsset
from organizations.models import Organization, Post
from tests import factories

pytestmark = pytest.mark.django_db


def test_units_nest_below_their_parent():
    city = factories.OrganizationFactory(city=True)
    county = factories.OrganizationFactory(county=True, parent=city)
    other = factories.OrganizationFactory(county=True, parent=city)
    branch = factories.OrganizationFactory(parent=county)

    assert set(Organization.objects.within(city)) == {city, county, other, branch}
    assert set(Organization.objects.within(county)) == {county, branch}


def test_a_role_trait_gives_a_post_in_the_unit():
    branch = factories.OrganizationFactory()
    user = factories.UserFactory(secretary=True, unit=branch, home=branch)

    assert list(user.posts.values_list("role", "organization")) == [
        (Post.Role.SECRETARY, branch.pk)
    ]
    assert user.memberships.get().organization == branch
    assert not user.has_usable_password()


def test_a_ready_recording_has_a_package_with_renditions():
    asset = factories.VideoAssetFactory(ready=True)
    asset.refresh_from_db()

    assert asset.state == VideoAsset.State.READY
    assert {rendition.name for rendition in asset.package.renditions.all()} == {"720p", "360p"}


def test_a_plain_recording_is_being_prepared():
    assert factories.VideoAssetFactory().package is None


def test_lectures_stand_on_the_shelf_of_their_unit():
    branch = factories.OrganizationFactory()
    first = factories.LecturePageFactory(organization=branch)
    second = factories.LecturePageFactory(organization=branch, draft=True)

    assert first.get_parent() == second.get_parent()
    assert first.url.startswith("/library/")
    assert list(LecturePage.objects.live()) == [first]


def test_many_lectures_are_real_pages():
    branch = factories.OrganizationFactory()
    asset = factories.VideoAssetFactory(ready=True)
    factories.many_lectures(7, organization=branch, asset=asset)
    one_more = factories.LecturePageFactory(organization=branch)

    assert LecturePage.objects.live().count() == 8
    assert one_more.get_parent().numchild == 8
    assert LecturePage.find_problems() == ([], [], [], [], [])


def test_a_class_takes_lectures_in_order():
    lectures = factories.LecturePageFactory.create_batch(3)
    training_class = factories.TrainingClassFactory(required=lectures[:2], electives=lectures[2:])

    assert [(item.lecture_id, item.kind) for item in training_class.items.all()] == [
        (lectures[0].pk, ClassItem.Kind.REQUIRED),
        (lectures[1].pk, ClassItem.Kind.REQUIRED),
        (lectures[2].pk, ClassItem.Kind.ELECTIVE),
    ]
