"""Fill the demo by the product's own ways: films are uploaded over HTTP, transcoded by the
worker, handed in by the demo secretary, reviewed by the demo's reviewers, put into a class.

Idempotent: what is there already is left alone, what was interrupted is taken up again.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from django.conf import settings
from django.db import close_old_connections
from django.utils import timezone

from cms.models import LecturePage
from cms.submissions import lecture_submit
from lms.demo.classes import classes_seed
from lms.demo.curation import curation_seed
from lms.demo.figures import figures_seed
from lms.demo.films import make_film
from lms.demo.gatherings import gatherings_seed
from lms.demo.hours import hours_seed
from lms.demo.lectures import LECTURES, DemoLecture
from lms.demo.messages import messages_seed
from lms.demo.people import demo_password, people_seed
from lms.demo.progress import DemoProgress, progress_write
from lms.demo.questions import questions_seed
from lms.demo.reviews import PENDING, Pending, pending_place, review_walk
from lms.demo.site import DemoSite, demo_site
from lms.demo.tus_client import TusClient, sign_in
from lms.demo.words import words_put
from media_pipeline.models import VideoAsset
from media_pipeline.work import queue_work
from organizations.models import Organization

# The first lectures have the machine to themselves, so that there is something to watch at once.
FIRST = 3
FONT_DIR = settings.BASE_DIR / "node_modules" / "@expo-google-fonts" / "noto-sans-sc"
UPLOADER = "secretary"


class DemoFailed(RuntimeError):
    """A demo lecture could not be made ready; the message says which and why."""


def demo_fill(*, limit: int | None = None, say: Callable[[str], None]) -> None:
    """Make the demo complete: people, lectures (the first `limit` of them), class."""
    people_seed()
    wanted = LECTURES[:limit]
    if publish_ready(wanted) < len(wanted):
        with demo_site() as site:
            client = TusClient(site.url, sign_in(site.url, UPLOADER, demo_password()))
            for position, lecture in enumerate(wanted):
                if position == FIRST:
                    wait_until_live(site, wanted, FIRST)
                if asset_of(lecture) is None:
                    say(f"正在制作并上传：{lecture.title}")
                    upload(lecture, client)
                work_if_alone(site)
                publish_ready(wanted)
            wait_until_live(site, wanted, len(wanted))
    pages = [page for page in map(page_of, wanted) if page is not None]
    curation_seed(pages)
    questions_seed(pages)
    classes_seed(pages)
    hours_seed(pages)
    gatherings_seed(pages)
    messages_seed()
    figures_seed()
    if len(wanted) == len(LECTURES):
        pending_fill(say=say)
    say(f"演示内容已就绪，共 {len(wanted)} 节课。")


def work_if_alone(site: DemoSite) -> None:
    """Work the queue in this process when the site has no worker."""
    if not site.has_worker:
        queue_work()


def wait_until_live(site: DemoSite, wanted: Sequence[DemoLecture], count: int) -> None:
    """Publish what gets ready until `count` lectures are live."""
    while publish_ready(wanted) < count:
        work_if_alone(site)
        close_old_connections()
        time.sleep(0.5)


def asset_of(lecture: DemoLecture) -> VideoAsset | None:
    """The recording that was uploaded for a demo lecture, found by its file name."""
    return VideoAsset.objects.filter(
        owner__username=UPLOADER, original_name__startswith=f"{lecture.slug}."
    ).first()


def page_of(lecture: DemoLecture) -> LecturePage | None:
    """The published lecture, once it is there."""
    asset = asset_of(lecture)
    return LecturePage.objects.live().filter(asset=asset).first() if asset is not None else None


def upload(lecture: DemoLecture, client: TusClient) -> None:
    with tempfile.TemporaryDirectory(prefix="lectern-film-") as folder:
        client.upload(make_film(lecture, out_dir=Path(folder), font_dir=FONT_DIR))


def publish_ready(wanted: Sequence[DemoLecture]) -> int:
    """Hand in and publish the lectures whose recordings are ready; return how many are live."""
    live = 0
    for lecture in wanted:
        asset = asset_of(lecture)
        if asset is None or asset.state == VideoAsset.State.PROCESSING:
            continue
        if asset.state != VideoAsset.State.READY:
            raise DemoFailed(f"{lecture.title}: {asset.state} {asset.reason}")
        page = LecturePage.objects.filter(asset=asset).first()
        if page is None:
            words_put(lecture, asset)
            page = hand_in(lecture, asset)
        if not page.live:
            review_walk(page)
        live += 1
    progress_write(DemoProgress(done=live, total=len(wanted)))
    return live


def hand_in(lecture: DemoLecture, asset: VideoAsset) -> LecturePage:
    return lecture_submit(
        user=asset.owner,
        asset=asset,
        organization=Organization.objects.get(code=lecture.organization_code),
        title=lecture.title,
        summary=lecture.summary,
        speaker=lecture.speaker,
        subject=lecture.subject,
        recorded_on=timezone.localdate(),
        declared=True,
    )


def pending_fill(*, say: Callable[[str], None]) -> None:
    """Submissions at every place of the way, once the lectures themselves are there."""
    waiting = [
        one for one in PENDING if not LecturePage.objects.filter(asset=asset_of(one.lecture))
    ]
    if not waiting:
        return
    with demo_site() as site:
        client = TusClient(site.url, sign_in(site.url, UPLOADER, demo_password()))
        for pending in waiting:
            if asset_of(pending.lecture) is None:
                say(f"正在制作并上传：{pending.lecture.title}")
                upload(pending.lecture, client)
        while waiting := [one for one in waiting if not pending_ready(one)]:
            work_if_alone(site)
            close_old_connections()
            time.sleep(0.5)


def pending_ready(pending: Pending) -> bool:
    """Hand in and review what can be played; whether it is where it belongs."""
    asset = asset_of(pending.lecture)
    if asset is None or asset.state == VideoAsset.State.PROCESSING:
        return False
    if asset.state != VideoAsset.State.READY:
        raise DemoFailed(f"{pending.lecture.title}: {asset.state} {asset.reason}")
    pending_place(hand_in(pending.lecture, asset), pending)
    return True
