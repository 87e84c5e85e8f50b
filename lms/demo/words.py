"""What is said in a demo lecture and when: captions and chapters, cut to the voice of its film.

The same sentences give the same samples, so nothing of the film's making has to be kept.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from django.utils import timezone

from lms.demo.lectures import DemoLecture
from lms.demo.timeline import sentence_times, timeline_cut
from lms.demo.typesetting import plain
from lms.demo.voice import SAMPLE_RATE, speak
from media_pipeline.captions.cues import Cue, write_vtt
from media_pipeline.captions.models import CaptionTrack
from media_pipeline.captions.tracks import captions_put
from media_pipeline.chapters.marks import chapters_put
from media_pipeline.chapters.reading import ChapterLine, write_chapters
from media_pipeline.models import VideoAsset

# What the voice is told in words is read in digits.
WRITTEN = {"九六幺幺零": "96110", "幺二幺幺九": "12119", "幺幺零": "110"}


def words_put(lecture: DemoLecture, asset: VideoAsset) -> None:
    """Captions and chapters of the recording, in the name of its owner. Once."""
    if CaptionTrack.objects.filter(asset=asset).exists():
        return
    cues = film_cues(lecture)
    chapters = write_chapters(chapter_lines(lecture, cues))
    chapters_put(asset=asset, text=chapters, actor=asset.owner)
    vtt = write_vtt(cues).encode()
    captions_put(asset=asset, data=vtt, actor=asset.owner, now=timezone.now())


def film_cues(lecture: DemoLecture) -> list[Cue]:
    """Every sentence when the film says it. Raises `voice.VoiceUnavailable`."""
    sentences = [sentence for slide in lecture.slides for sentence in slide.spoken]
    with tempfile.TemporaryDirectory(prefix="lectern-words-") as folder:
        said = speak(sentences, voice=lecture.voice, work_dir=Path(folder))
    lengths = [len(samples) for samples in said]
    timeline = timeline_cut(
        slides=lecture.slides,
        sentence_samples=lengths,
        sample_rate=SAMPLE_RATE,
        fps=lecture.film.fps,
    )
    times = sentence_times(timeline.pauses, lengths, SAMPLE_RATE)
    texts = map(written, sentences)
    return [Cue(*time, text) for time, text in zip(times, texts, strict=True)]


def written(sentence: str) -> str:
    for said, digits in WRITTEN.items():
        sentence = sentence.replace(said, digits)
    return sentence


def chapter_lines(lecture: DemoLecture, cues: Sequence[Cue]) -> Iterator[ChapterLine]:
    """One for each page, from its first sentence on; the first from the beginning."""
    sentence = 0
    for number, slide in enumerate(lecture.slides):
        second = cues[sentence].start // 1000 if number else 0
        yield ChapterLine(second, plain(slide.heading))
        sentence += len(slide.spoken)
