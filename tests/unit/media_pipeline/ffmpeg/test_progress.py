from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.progress import Progress, ProgressReader

REPORT = b"frame=30\nfps=0.00\nout_time_us=1000000\ntotal_size=N/A\nspeed=2.5x\nprogress=continue\n"


@given(cuts=st.lists(st.integers(0, 2 * len(REPORT)), max_size=8).map(sorted))
def test_reports_are_read_however_the_bytes_are_cut(cuts: list[int]) -> None:
    data = REPORT + REPORT.replace(b"continue", b"end")
    reader = ProgressReader()
    got = [
        progress
        for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)
        for progress in reader.feed(data[start:end])
    ]
    assert got == [
        Progress(frame=30, out_seconds=1.0, speed=2.5),
        Progress(frame=30, out_seconds=1.0, speed=2.5, ended=True),
    ]


@given(data=st.binary())
def test_rubbish_is_read_without_error(data: bytes) -> None:
    assert list(ProgressReader().feed(data + b"\n")) is not None


def test_a_repeated_report_is_no_movement() -> None:
    assert not Progress(frame=3).moved_since(Progress(frame=3))
    assert Progress(frame=4).moved_since(Progress(frame=3))
