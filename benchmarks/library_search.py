"""Finding in a library of 10,000 lectures with captions, on PostgreSQL and on SQLite.

500 random pieces of two to six characters of what members can read are searched for: every lecture
that a plain search through all texts finds must be found, and no other, in the order of the fields;
and each page of results, through the whole stack as a visit, in time. Texts are invented: sentences
of words, of which few are common and most rare, as in speech.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
import unicodedata
from collections.abc import Iterator

from benchmarks.databases import ROOT, on_both, settle, tell
from benchmarks.figures import Figure

LECTURES, CUES, QUESTIONS = 10_000, 160, 500
P95_MS, QUERIES = 50, 15
PAGES_MS = 60
LATIN = ("AI", "5G", "GDP", "WPS", "App", "ＶＲ", "No.1", "C919", "WiFi", "e-mail")


def measure() -> list[Figure]:
    return on_both("benchmarks.library_search")


# -- what is said in the library -------------------------------------------------------------------


class Speech:
    """Sentences of invented words over the characters of the product's own Chinese."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        sources = [*ROOT.glob("lms/demo/content/*.toml"), ROOT / "docs/glossary.md"]
        text = "".join(source.read_text(encoding="utf-8") for source in sources)
        han = [sign for sign in text if "\u4e00" <= sign <= "\u9fff"]
        lengths = chance.choices((1, 2, 3, 4), (2, 12, 4, 2), k=8000)
        self.words = ["".join(chance.choices(han, k=length)) for length in lengths] + list(LATIN)
        self.weights = [1 / (rank + 15) for rank in range(len(self.words))]

    def sentences(self, count: int, words: int) -> list[str]:
        drawn = iter(self.chance.choices(self.words, self.weights, k=count * words))
        return ["".join(next(drawn) for _ in range(words)) for _ in range(count)]


def lecture_texts(speech: Speech) -> Iterator[dict[str, str]]:
    speakers = speech.sentences(300, 2)
    for _ in range(LECTURES):
        yield {
            "title": speech.sentences(1, 5)[0],
            "speaker": speech.chance.choice(speakers)[:4],
            "summary": "，".join(speech.sentences(8, 6)) + "。",
            "captions": "\n".join(speech.sentences(CUES, 7)),
        }


# -- filling, past the services but with the rows that they would write ----------------------------


def library_fill(chance: random.Random) -> object:
    """A city with 32 townships that have 10,000 lectures; returns a member."""
    from django.db import connection

    from cms.finding.indexing import index_rebuild
    from cms.models import LecturePage, Subject
    from media_pipeline.captions.cues import Cue, write_vtt
    from media_pipeline.captions.models import CaptionTrack
    from media_pipeline.models import VideoAsset
    from tests.factories import OrganizationFactory, UserFactory, many_lectures

    city = OrganizationFactory(city=True, code="2113")
    counties = [OrganizationFactory(county=True, parent=city) for _ in range(4)]
    towns = [
        OrganizationFactory(township=True, parent=county) for county in counties for _ in range(8)
    ]
    member = UserFactory(home=towns[0])
    texts = list(lecture_texts(Speech(chance)))
    owner = UserFactory()
    assets = VideoAsset.objects.bulk_create(
        [
            VideoAsset(
                owner=owner,
                original_name="党课.mp4",
                size=1,
                state=VideoAsset.State.READY,
                duration=float(60 + number * 37 % 1500),
            )
            for number in range(LECTURES)
        ],
        batch_size=500,
    )
    tracks = []
    for asset, text in zip(assets, texts, strict=True):
        cues = [
            Cue(3000 * number, 3000 * number + 2900, line)
            for number, line in enumerate(text["captions"].split("\n"))
        ]
        tracks.append(CaptionTrack(asset=asset, text=write_vtt(cues), cues=len(cues)))
    CaptionTrack.objects.bulk_create(tracks, batch_size=200)
    share = LECTURES // len(towns)
    for town in towns:
        count = share + (LECTURES % len(towns) if town is towns[-1] else 0)
        many_lectures(count, organization=town, asset=assets[0])
    pages = list(LecturePage.objects.order_by("pk"))
    for number, (page, asset, text) in enumerate(zip(pages, assets, texts, strict=True)):
        page.title = page.draft_title = text["title"]
        page.speaker, page.summary = text["speaker"], text["summary"]
        page.subject = Subject.values[number % 7]
        page.asset = asset
    LecturePage.objects.bulk_update(
        pages, ["title", "draft_title", "speaker", "summary", "subject", "asset"], batch_size=200
    )
    index = "CREATE INDEX cms_searchtext_grams ON cms_searchtext USING gin (cms_grams(folded))"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP INDEX cms_searchtext_grams")
    started = time.perf_counter()
    index_rebuild()
    say(f"texts in {time.perf_counter() - started:.0f} s")
    started = time.perf_counter()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET maintenance_work_mem = '512MB'")
            cursor.execute(f"{index} WITH (fastupdate = off)")
            cursor.execute("ALTER INDEX cms_searchtext_grams ALTER COLUMN 1 SET STATISTICS 0")
    say(f"index in {time.perf_counter() - started:.0f} s")
    return member


def say(text: str) -> None:
    print(f"  {text}", file=sys.stderr, flush=True)


# -- judging by a plain search through everything --------------------------------------------------


def plainly(text: str) -> str:
    """On purpose not the product's own folding: what Python offers for ordinary text."""
    return unicodedata.normalize("NFKC", text).casefold()


class Everything:
    """All texts of published lectures, read from the rows of the lectures themselves."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.utils.translation import override

        from cms.models import LecturePage
        from media_pipeline.captions.models import CaptionTrack

        tracks = dict(CaptionTrack.objects.values_list("asset_id", "text"))
        self.texts: dict[int, list[str]] = {}
        for page in LecturePage.objects.live():
            with override(settings.LANGUAGE_CODE):
                subject = str(page.get_subject_display())
            # The lines of a track that are neither its head, times, nor empty.
            said = "\n".join(
                line for line in tracks[page.asset_id].split("\n")[2:] if line and "-->" not in line
            )
            texts = (page.title, page.speaker, subject, page.summary, said)
            self.texts[page.pk] = [plainly(text) for text in texts]

    def with_word(self, word: str) -> dict[int, int]:
        """Lectures that hold the word, with the number of the first text that does."""
        found = {}
        for pk, texts in self.texts.items():
            first = next((at for at, text in enumerate(texts) if word in text), None)
            if first is not None:
                found[pk] = first
        return found

    def questions(self, chance: random.Random) -> list[str]:
        """Pieces of 2 to 6 characters, half of them of captions, without blanks in them."""
        found: list[str] = []
        pks = sorted(self.texts)
        while len(found) < QUESTIONS:
            texts = self.texts[chance.choice(pks)]
            text = texts[4] if chance.random() < 0.5 else chance.choice(texts[:4])
            size = chance.randint(2, 6)
            at = chance.randrange(max(1, len(text) - size + 1))
            piece = text[at : at + size]
            if len(piece) >= 2 and not any(sign.isspace() for sign in piece):
                found.append(piece)
        return found


def figures() -> list[Figure]:
    """In the empty database that the environment names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command

    from config.messages import compile_catalogues

    compile_catalogues([ROOT / "locale"])
    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    chance = random.Random(2113)
    member = library_fill(chance)
    settle()
    everything = Everything()
    questions = everything.questions(chance)
    return [*judged(everything, questions), *timed(member, questions)]


def judged(everything: Everything, questions: list[str]) -> list[Figure]:
    from cms.finding.fields import CAPTION, SPEAKER, SUBJECT, SUMMARY, TITLE
    from cms.finding.searching import search
    from cms.models import LecturePage

    order = [field.number for field in (TITLE, SPEAKER, SUBJECT, SUMMARY, CAPTION)]
    missed = wrong = misplaced = total = 0
    for question in questions:
        truth = everything.with_word(question)
        hits = search(LecturePage.objects.live(), question).hits
        found = {hit.lecture_id: order.index(hit.rank) for hit in hits}
        missed += len(truth.keys() - found.keys())
        wrong += len(found.keys() - truth.keys())
        ranks = [hit.rank for hit in hits]
        misplaced += ranks != sorted(ranks) or found != truth
        total += len(truth)
    say(f"{len(questions)} questions, {total} lectures to be found")
    return [
        Figure("lectures missed in 500 questions", missed, 0),
        Figure("lectures found wrongly in 500 questions", wrong, 0),
        Figure("questions with lectures in a wrong order", misplaced, 0),
    ]


def timed(member: object, questions: list[str]) -> list[Figure]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(member)  # type: ignore[arg-type]
    client.get("/library/", {"q": "党"})

    def times(address: str, asked: list[dict[str, str]]) -> list[float]:
        found = []
        for one in asked:
            started = time.perf_counter()
            response = client.get(address, one)
            found.append(1000 * (time.perf_counter() - started))
            assert response.status_code == 200
        return found

    def queries(address: str, asked: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.get(address, asked)
        return len(captured)

    asked = [{"q": question} for question in questions]
    result = sorted(times("/library/", asked))
    typed = sorted(times("/library-api/suggestions/", asked))
    narrowed = [{"length": "10"}, {"subject": "theory"}, {"year": "2026"}, {}, {"p": "200"}]
    browsed = [statistics.median(times("/library/", [one] * 5)) for one in narrowed]
    common = times("/library/", [{"q": sign} for sign in "党一的"] * 3)
    say(f"page of results: median {statistics.median(result):.0f} ms, worst {result[-1]:.0f} ms")
    say(f"a single common character: median {statistics.median(common):.0f} ms")
    most = max(queries("/library/", one) for one in [*asked[:40], {"q": "不 在 这 里 吗"}])
    return [
        Figure("page of results, p95", result[int(len(result) * 0.95)], P95_MS, "ms"),
        Figure("suggestions, p95", typed[int(len(typed) * 0.95)], P95_MS, "ms"),
        Figure("page of results: queries, worst", most, QUERIES),
        Figure("library, browsed with any filter: median, worst", max(browsed), PAGES_MS, "ms"),
    ]


if __name__ == "__main__":
    tell(figures())
