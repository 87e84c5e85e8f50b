"""Files of review from before versions said which round passed them."""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cms.review.models import Review, ReviewVersion
from tests.factories import VideoAssetFactory
from tests.factories.reviews import pass_all
from tests.integration.cms.review.handing_in import change, refuse

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = [("review", "0001_reviews")]


def migrate(to: list[tuple[str, str]] | None = None) -> None:
    """To the present where nothing is named."""
    executor = MigrationExecutor(connection)
    executor.migrate(to or executor.loader.graph.leaf_nodes("review"))


@pytest.fixture(autouse=True)
def migrated_again() -> Iterator[None]:
    yield
    migrate()


def migrated() -> list[tuple[int, int | None]]:
    """Version and the round that passed it, of each version."""
    migrate(BEFORE)
    migrate()
    return list(ReviewVersion.objects.order_by("number").values_list("number", "passed_round"))


def test_what_was_approved_keeps_its_round_and_its_file(phone, review, author, staff):
    pass_all(review, staff)
    assert migrated() == [(1, 1)]
    review.refresh_from_db()
    version = ReviewVersion.objects.get()
    assert (version.secrecy_by, version.declared_at) == (review.secrecy_by, review.declared_at)
    assert version.secrecy_by == staff.reader


def test_a_version_in_review_has_not_passed_and_the_one_before_it_has(phone, review, author, staff):
    pass_all(review, staff)
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    assert migrated() == [(1, 1), (2, None)]
    review.refresh_from_db()
    refuse(review, staff.clerk, note="画面太暗")
    review.refresh_from_db()
    assert review.state == Review.State.APPROVED


def test_what_came_back_after_a_refused_version_passed_before_it(phone, review, author, staff):
    pass_all(review, staff)
    change(phone, review, asset=VideoAssetFactory(owner=author, ready=True).pk)
    review.refresh_from_db()
    refuse(review, staff.clerk, note="画面太暗")
    assert migrated() == [(1, 1), (2, None)]
