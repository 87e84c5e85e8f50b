"""Reviewing by the keyboard alone: one submission after the other, with the next one ready."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DESKTOP, Site
from tests.e2e.test_room import manage, recording
from tests.services import wait_for

pytestmark = pytest.mark.e2e
PageFor = Callable[..., Page]
# Each as long as no other: so a film says itself whose it is.
SECONDS = {"键盘一讲（示例）": 4, "键盘二讲（示例）": 6, "键盘三讲（示例）": 8}
FIRST, SECOND, THIRD = SECONDS
HAND_IN = """
from django.utils import timezone
from cms.review.acts import comment_add, proofread
from cms.review.models import Review
from cms.submissions import lecture_submit
from media_pipeline.models import VideoAsset
from organizations.models import User
reader = User.objects.get(username="reader")
asset = VideoAsset.objects.get(pk={asset!r})
page = lecture_submit(user=asset.owner, asset=asset, title={title!r}, summary="示例")
review = Review.objects.get(lecture=page)
step = review.steps.get(state="open")
now = timezone.now()
proofread(review_id=review.pk, step_id=step.pk, version=1, user=reader, now=now)
for second in (1.0, 2.5):
    comment_add(
        review_id=review.pk, version=1, user=reader, text="示例意见", second=second, now=now
    )
print(review.pk)
"""


@pytest.fixture(scope="module")
def sheets(site: Site, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Addresses of three submissions, proofread, which wait for their self-check in this order."""
    found = {}
    for title, seconds in SECONDS.items():
        asset = recording(site, tmp_path_factory.mktemp("review") / "film.mp4", seconds)
        pk = manage(site, "shell", "-v0", "-c", HAND_IN.format(asset=asset, title=title))
        found[title] = f"/review/{pk}/"
    return found


def shown(page: Page, title: str) -> None:
    """The sheet of this submission, with a film that is its own and plays."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.keyboard.press("Space")
    page.wait_for_function(
        """seconds => {
            const film = document.querySelector("#film");
            return !film.paused && film.currentTime > 0.2 && Math.abs(film.duration - seconds) < 1;
        }""",
        arg=SECONDS[title],
    )
    page.keyboard.press("Space")
    assert page.evaluate("document.querySelector('#film').paused")


def at(page: Page, second: float) -> None:
    page.wait_for_function(
        "at => Math.abs(document.querySelector('#film').currentTime - at) < 0.4", arg=second
    )


def test_three_submissions_are_handled_by_the_keyboard_alone(
    page_for: PageFor, sheets: dict[str, str]
) -> None:
    page, asked = page_for("officer", DESKTOP), []
    page.on("request", lambda request: asked.append(request.url))
    press = page.keyboard.press

    def is_fetched(title: str) -> bool:
        page.wait_for_timeout(100)  # lets the browser's events come in
        return any(url.endswith(sheets[title]) for url in asked)

    page.goto(sheets[FIRST])
    shown(page, FIRST)
    # From one comment to the next and back; each stops where its film is.
    page.evaluate("document.querySelector('#film').currentTime = 0")
    press("j")
    at(page, 1)
    press("Space")
    page.evaluate("document.querySelector('#film').currentTime = 1")
    press("j")
    at(page, 2.5)
    press("Space")
    page.evaluate("document.querySelector('#film').currentTime = 2.5")
    press("k")
    at(page, 1)
    press("Space")
    # A comment of one's own: the key leads to the field, and keys are letters there.
    press("c")
    page.keyboard.type("nakjr")
    for key in ("Tab", "Tab", "Enter"):
        press(key)
    expect(page.locator(".comment")).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_have_text(FIRST)

    wait_for(lambda: is_fetched(SECOND), seconds=30, what="fetching ahead")
    asked.clear()
    press("n")
    shown(page, SECOND)
    assert not any(url.endswith(sheets[SECOND]) for url in asked)  # it was there already

    wait_for(lambda: is_fetched(THIRD), seconds=30, what="fetching ahead")
    asked.clear()
    press("a")
    shown(page, THIRD)
    assert not any(url.endswith(sheets[THIRD]) for url in asked)
    expect(page.locator("[data-done]")).to_contain_text("已通过")

    press("r")
    page.keyboard.type("请补字幕")
    for key in ("Tab", "Tab", "Enter"):
        press(key)
    expect(page.locator("[data-done]")).to_contain_text("已退回")

    page.goto(sheets[FIRST])
    shown(page, FIRST)
    press("a")
    expect(page.locator("main")).to_contain_text("已通过")
    for title, state in ((FIRST, "初审"), (SECOND, "初审"), (THIRD, "退回")):
        page.goto(sheets[title])
        expect(page.locator(".sheet-standing")).to_contain_text(state)
