"""Caption files in, our own WebVTT out: what gets through, and what is refused by number."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.captions import reading
from media_pipeline.captions.cues import MOST_BYTES, MOST_CUES, CaptionFault, Cue, Fault, write_vtt
from media_pipeline.captions.reading import clean_text, read_captions

SRT = "1\n00:00:01,000 --> 00:00:03,500\n同志们好\n\n2\n00:00:04,000 --> 00:00:06,000\n今天讲三点\n"
TIMES = st.integers(0, 3_600_000)


def cue_texts(data: bytes | str, **options: object) -> list[str]:
    raw = data.encode() if isinstance(data, str) else data
    return [cue.text for cue in read_captions(raw, **options)]  # type: ignore[arg-type]


def fault_of(data: bytes | str, **options: object) -> CaptionFault:
    with pytest.raises(CaptionFault) as caught:
        cue_texts(data, **options)
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_usual_encoding_is_read(encoding: str, newline: str) -> None:
    assert cue_texts(SRT.replace("\n", newline).encode(encoding)) == ["同志们好", "今天讲三点"]


def test_srt_times_become_webvtt_times() -> None:
    text = write_vtt(read_captions(SRT.encode()))
    assert text.startswith("WEBVTT\n\n00:00:01.000 --> 00:00:03.500\n同志们好\n\n")


def test_webvtt_is_read_without_its_styles_notes_regions_and_names() -> None:
    source = (
        "WEBVTT - 标题\nKind: captions\n\nSTYLE\n::cue { background: url(//evil) }\n\n"
        "REGION\nid:fred\n\nNOTE 00:00 只是说明\n不显示\n\nintro\n"
        "00:01.000 --> 00:02.000 line:90% region:fred vertical:rl align:start size:80%\n"
        "<v 张三><c.red>第一句</c></v>\n"
    )
    text = write_vtt(read_captions(source.encode()))
    assert text == "WEBVTT\n\n00:00:01.000 --> 00:00:02.000 line:90% align:start size:80%\n第一句\n"


def test_of_tags_only_bold_italic_and_underlined_are_left_closed_and_nested() -> None:
    assert clean_text("<b>一<i>二</b>三") == "<b>一<i>二</i></b>三"
    assert clean_text('<font color="red">红</font>{\\an8}字') == "红字"
    assert clean_text("<B onclick=x>粗") == "<b>粗</b>"
    assert clean_text("<script>alert(1)</script>") == "alert(1)"


def test_signs_of_markup_are_shown_as_signs() -> None:
    assert clean_text("1 < 2 & 3 > 2") == "1 &lt; 2 &amp; 3 &gt; 2"
    assert clean_text("&lt;script&gt; --> x") == "&lt;script&gt; --&gt; x"


def test_overlapping_cues_are_kept_in_order_of_time() -> None:
    source = "00:05.000 --> 00:09.000\n二\n\n00:01.000 --> 00:07.000\n一\n"
    assert cue_texts(source) == ["一", "二"]


def test_cues_without_an_empty_line_between_them_are_told_apart() -> None:
    source = "1\n00:00:01,000 --> 00:00:02,000\n一\n2\n00:00:03,000 --> 00:00:04,000\n二\n"
    assert cue_texts(source) == ["一", "二"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("00:00:99,000 --> 00:02:00,000", Fault.TIME),
        ("01:00,000 --> never", Fault.TIME),
        ("99:00:00,000 --> 99:00:01,000", Fault.TIME),
        ("00:00:05,000 --> 00:00:05,000", Fault.ORDER),
        ("00:00:05,000 --> 00:00:04,000", Fault.ORDER),
        ("00:10:00,000 --> 00:10:01,000", Fault.TOO_LATE),
    ],
)
def test_a_cue_with_a_bad_time_is_named_by_its_number(line: str, fault: Fault) -> None:
    found = fault_of(f"{SRT}\n3\n{line}\n第三句\n", duration=60)
    assert (found.fault, found.cue) == (fault, 3)


def test_a_cue_that_outlasts_the_recording_ends_with_it() -> None:
    (cue,) = read_captions("00:58.000 --> 01:30.000\n再见\n".encode(), duration=60)
    assert cue.end == 60_000


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", Fault.EMPTY),
        (b"\xef\xbb\xbf \n", Fault.EMPTY),
        ("只是一篇文章。\n没有时间。".encode(), Fault.NO_CUES),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(128, 256)) * 3, Fault.ENCODING),
        (b"a" * (MOST_BYTES + 1), Fault.TOO_LARGE),
        (b"00:01.000 --> 00:02.000\na\n\n" * (MOST_CUES + 1), Fault.TOO_MANY),
    ],
)
def test_what_is_no_captions_is_refused(data: bytes, fault: Fault) -> None:
    assert fault_of(data).fault == fault


CUE = st.tuples(TIMES, st.integers(1, 60_000), st.text(max_size=60))


@given(st.lists(CUE, min_size=1, max_size=12))
def test_whatever_a_cue_says_nothing_but_plain_cues_comes_out(
    raw: list[tuple[int, int, str]],
) -> None:
    cues = [Cue(start, start + length, clean_text(text)) for start, length, text in raw]
    cues = sorted((cue for cue in cues if cue.text), key=lambda cue: cue.start)
    text = write_vtt(cues)
    head, *blocks = text[:-1].split("\n\n")
    assert head == "WEBVTT"
    assert len(blocks) == len(cues)
    for block in blocks:
        times, *lines = block.split("\n")
        assert re.fullmatch(r"\d\d:\d\d:\d\d\.\d{3} --> \d\d:\d\d:\d\d\.\d{3}", times)
        assert lines
        assert all("-->" not in line and line == line.strip() for line in lines)
        assert re.sub(r"</?[biu]>", "", "".join(lines)).count("<") == 0
    if cues:
        assert read_captions(text.encode()) == cues


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        cues = read_captions(data, duration=100)
    except CaptionFault:
        return
    assert all(0 <= cue.start < cue.end <= 100_000 for cue in cues)
    assert read_captions(write_vtt(cues).encode()) == cues


@given(st.text(alphabet="<>/biucsript&;lg-\n \u202e\x00字", max_size=80))
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean_text(text)
    assert clean_text(once) == once


@pytest.mark.parametrize(
    "line", [" " * 900_000 + "->", "x" + " " * 900_000 + "->", "-" * 900_000 + ">"]
)
def test_a_line_without_end_is_read_in_one_go(line: str) -> None:
    """A search through it that grew with its square would not come back."""
    assert cue_texts(f"{line}\n\n{SRT}") == ["同志们好", "今天讲三点"]


@pytest.mark.parametrize("text", ["<" + "a" * 900_000, "<" + "1" * 900_000, "{\\" + "a" * 900_000])
def test_a_tag_without_end_is_read_in_one_go(text: str) -> None:
    assert not list(reading._TAG.finditer(text))
