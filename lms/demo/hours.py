"""Hours for the demo: lectures that the demo's township secretary watched on earlier days, and what
the demo member learnt elsewhere, by the product's own acts.
"""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone
from PIL import Image, ImageDraw

from cms.models import LecturePage
from lms.ledger.claims import claim_approve, claim_check, claim_make
from lms.ledger.entries import person_settle
from lms.ledger.evidence_files import Checked
from lms.ledger.models import ExternalClaim
from lms.watching.beats import beat_record
from lms.watching.evidence import Bitmap, whole_seconds
from lms.watching.models import PlaySession
from lms.watching.play import play_session_open
from lms.watching.tokens import play_claims
from organizations.models import User

WATCHER, CLAIMANT, CHECKER, APPROVER = "leader", "member", "secretary", "affairs"
WATCHED = 3
BEAT = 30


def hours_seed(lectures: Sequence[LecturePage]) -> None:
    """Idempotent: who has watched or claimed something is left alone."""
    watcher = User.objects.get(username=WATCHER)
    if not PlaySession.objects.filter(user=watcher).exists():
        for number, lecture in enumerate(lectures[:WATCHED]):
            watch(watcher, lecture, days_ago=WATCHED - number)
    person_settle(user_id=watcher.pk)
    claims_seed(User.objects.get(username=CLAIMANT))


def watch(user: User, lecture: LecturePage, *, days_ago: int) -> None:
    """From beginning to end, at its own speed, on the evening of that day."""
    evening = timezone.localtime().replace(hour=19, minute=30, second=0, microsecond=0)
    now = evening - dt.timedelta(days=days_ago)
    opened = play_session_open(user=user, lecture=lecture, now=now)
    claims = play_claims(opened.token, now=now)
    assert lecture.asset is not None
    seconds = whole_seconds(lecture.asset.duration or 0)
    for number, start in enumerate(range(0, seconds, BEAT), 1):
        end = min(start + BEAT, seconds)
        now += dt.timedelta(seconds=end - start)
        seen = Bitmap.span(0, end).to_bytes()
        beat_record(claims=claims, seq=number, position=float(end), seen=seen, now=now)


def claims_seed(claimant: User) -> None:
    if ExternalClaim.objects.filter(user=claimant).exists():
        return
    today = timezone.localdate()
    approved = _claim(claimant, "党性教育专题培训（演示）", "示例县委党校", today, "6")
    claim_check(claim=approved, actor=User.objects.get(username=CHECKER))
    claim_approve(claim=approved, actor=User.objects.get(username=APPROVER))
    _claim(claimant, "农业实用技术现场教学（演示）", "示例实训基地", today, "3.5")


def _claim(user: User, title: str, host: str, day: dt.date, hours: str) -> ExternalClaim:
    return claim_make(
        user=user,
        wish=uuid.uuid4(),
        title=title,
        host=host,
        learnt_on=day,
        hours=Decimal(hours),
        file=Checked(_paper(), ".jpg"),
        file_name="演示证明.jpg",
    )


def _paper() -> bytes:
    """A sheet with lines on it: the picture of no real certificate."""
    sheet = Image.new("RGB", (1000, 700), "#fffdf8")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((40, 40, 960, 660), outline="#b8141b", width=6)
    for line, width in enumerate((300, 720, 660, 700, 240)):
        top = 150 + line * 90
        draw.rectangle((140, top, 140 + width, top + 18), fill="#d8cfc0")
    out = io.BytesIO()
    sheet.save(out, "JPEG", quality=85)
    return out.getvalue()
