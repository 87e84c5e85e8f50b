"""Two who change the same lecture at the same moment, on different connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from wagtail.models import Page

from cms.finding.cells import cells_differing
from cms.finding.models import LectureCell
from media_pipeline.models import VideoAsset
from tests.factories import LecturePageFactory
from tests.locks import until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_waits_for_a_take_down_does_not_undo_it():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite lets one write at a time")
    lecture = LecturePageFactory(asset__duration=100.0)

    def learns_the_length():
        try:
            VideoAsset.objects.filter(pk=lecture.asset_id).update(duration=5000.0)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        with transaction.atomic():
            Page.objects.filter(pk=lecture.pk).update(live=False)
            waiting = worker.submit(learns_the_length)
            until_somebody_waits()
        waiting.result()

    assert not LectureCell.objects.get(pk=lecture.pk).live
    assert cells_differing(connection) == []
