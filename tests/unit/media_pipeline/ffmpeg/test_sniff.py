import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal
from media_pipeline.ffmpeg.sniff import Container, sniff

FTYP = b"\0\0\0\x18ftyp"
MP3 = b"\xff\xfb\x90\x00" + bytes(413)  # 128 kb/s at 44.1 kHz
SLOW_MP3 = b"\xff\xf3\x48\xc4" + bytes(140)  # MPEG-2, 32 kb/s at 16 kHz
ADTS = b"\xff\xf1\x50\x40\x01\x9f\xfc" + bytes(5)  # 12 bytes


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (FTYP + b"isom", Container.MOV),
        (FTYP + b"qt  ", Container.MOV),
        (FTYP + b"3gp4", Container.MOV),
        (b"\0\0\0\x08wide\0\0\0\0mdat", Container.MOV),
        (b"\x1a\x45\xdf\xa3\x01\0\0\0", Container.MATROSKA),
        (b"RIFF\0\0\0\0AVI LIST", Container.AVI),
        (b"FLV\x01\x05", Container.FLV),
        ((b"G" + bytes(187)) * 4, Container.MPEGTS),
        ((bytes(4) + b"G" + bytes(187)) * 4, Container.MPEGTS),
        (FTYP + b"M4A ", Container.MOV),
        (b"RIFF\0\0\0\0WAVEfmt ", Container.WAV),
        (b"OggS\0\x02", Container.OGG),
        (b"fLaC\0\0\0\x22", Container.FLAC),
        (b"#!AMR\n\x3c", Container.AMR),
        (b"#!AMR-WB\n\x44", Container.AMR),
        (MP3 * 3, Container.MP3),
        (SLOW_MP3 * 3, Container.MP3),
        (b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + MP3 * 2, Container.MP3),
        (b"ID3\x04\0\0\0\0\0\x05" + bytes(5) + ADTS * 2, Container.ADTS),
        (b"ID3\x03\0\0\0\x7f\0\0" + b"a picture", Container.MP3),
        (ADTS * 3, Container.ADTS),
    ],
)
def test_what_films_and_recordings_come_in_is_recognised(head: bytes, container: Container) -> None:
    assert sniff(head) is container


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (b"", Refusal.EMPTY),
        (b"Hello, secretary.\n", Refusal.NOT_MEDIA),
        ("党课讲稿".encode(), Refusal.NOT_MEDIA),
        (b"PK\x03\x04 a document", Refusal.NOT_MEDIA),
        (b"%PDF-1.7", Refusal.NOT_MEDIA),
        (b"\x89PNG\r\n\x1a\n", Refusal.IMAGE),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", Refusal.IMAGE),
        (b"GIF89a", Refusal.IMAGE),
        (b"RIFF\0\0\0\0WEBPVP8 ", Refusal.IMAGE),
        (FTYP + b"heic", Refusal.IMAGE),
        (FTYP + b"avif", Refusal.IMAGE),
        (b'<?xml version="1.0"?>\n<svg xmlns="">', Refusal.IMAGE),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", Refusal.PLAYLIST),
        (b"\xef\xbb\xbf\r\n  #extm3u\n", Refusal.PLAYLIST),
        (b"ffconcat version 1.0\nfile x\n", Refusal.PLAYLIST),
        (b'<?xml version="1.0"?><!-- a --><MPD xmlns="urn">', Refusal.PLAYLIST),
        (b"<MPD></MPD>", Refusal.PLAYLIST),
        (b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", Refusal.PLAYLIST),
        (b"ID3\x04\0\0\xff\xff\xff\xff" + MP3, Refusal.NOT_MEDIA),
        (MP3 + b"and then no frame", Refusal.NOT_MEDIA),
        (b"\xff\xfe" + "党课".encode("utf-16-le"), Refusal.NOT_MEDIA),
        (b"FORM\0\0\0\0AIFF", Refusal.UNSUPPORTED),
        (b"caff\0\x01", Refusal.UNSUPPORTED),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Refusal.UNSUPPORTED),
        (b"\x00\x00\x01\xba\x44", Refusal.UNSUPPORTED),
    ],
)
def test_everything_else_is_refused_with_its_reason(head: bytes, code: Refusal) -> None:
    with pytest.raises(MediaRefused) as refused:
        sniff(head)
    assert refused.value.code is code


@given(head=st.binary(max_size=600))
def test_any_bytes_give_a_container_or_a_refusal(head: bytes) -> None:
    try:
        sniff(head)
    except MediaRefused:
        return
