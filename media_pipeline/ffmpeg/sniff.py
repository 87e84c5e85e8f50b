"""What a file is by its first bytes, decided by us before any demuxer sees it. Pure.

ffmpeg guesses formats from content and would follow a playlist that is named lecture.mp4 to other
files or hosts; so only these families of containers pass, and each is then opened with its own
demuxer and no other. Each demuxer is code that reads untrusted bytes: films need five, what voice
recorders write needs six more.
"""

from enum import StrEnum

from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal

HEAD_BYTES = 4096


class Container(StrEnum):
    """Container family; the value is the name of ffmpeg's demuxer for it."""

    MOV = "mov"  # mp4, mov, m4v, m4a, 3gp
    MATROSKA = "matroska"  # mkv, webm
    AVI = "avi"
    MPEGTS = "mpegts"
    FLV = "flv"
    # Sound alone.
    MP3 = "mp3"
    ADTS = "aac"
    WAV = "wav"
    AMR = "amr"
    OGG = "ogg"
    FLAC = "flac"


_IMAGES = (
    b"\x89PNG\r\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"BM",
    b"8BPS",
)
_IMAGE_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif", b"jxl "}
_SOUND = {
    b"OggS": Container.OGG,
    b"fLaC": Container.FLAC,
    b"#!AMR\n": Container.AMR,
    b"#!AMR-WB\n": Container.AMR,
}
_OTHER_MEDIA = {
    b"MThd": "MIDI",
    b"FORM": "AIFF",
    b"caff": "CAF",
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11": "WMV/ASF",
    b"\x00\x00\x01\xba": "MPEG-PS",
    b".RMF": "RealMedia",
}
_PLAYLIST_STARTS = (
    b"#extm3u",
    b"ffconcat",
    b"[playlist]",
    b"#!ffconcat",
    b"[ffmetadata",
    b";ffmetadata",
    b"<mpd",
    b"<smil",
    b"<asx",
    b"<smoothstreamingmedia",
    b"rtsptext",
    b"v=0\r\no=",
    b"v=0\no=",
)
_XML_PLAYLISTS = (b"<mpd", b"<smil", b"<asx", b"<playlist", b"<smoothstreamingmedia")
_MP3_RATES = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_MP3_LOW_RATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_MOV_FIRST_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"styp"}


def sniff(head: bytes) -> Container:
    """Return the container family of a file that begins with `head` (up to HEAD_BYTES).

    Raises MediaRefused: empty, playlist, image, unsupported (a container that we do not take) or
    not_media.
    """
    if not head:
        raise MediaRefused(Refusal.EMPTY)
    if head[4:8] == b"ftyp":
        if head[8:12] in _IMAGE_BRANDS:
            raise MediaRefused(Refusal.IMAGE)
        return Container.MOV
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return Container.MATROSKA
    if head[:4] in {b"RIFF", b"RIFX"}:
        return _riff(head[8:12])
    if head[:4] == b"FLV\x01":
        return Container.FLV
    if _looks_like_mpegts(head):
        return Container.MPEGTS
    if head[4:8] in _MOV_FIRST_BOXES:  # QuickTime before ftyp was invented, and cut-off heads
        return Container.MOV
    for magic, container in _SOUND.items():
        if head.startswith(magic):
            return container
    if (stream := _bare_sound(head)) is not None:
        return stream
    _refuse_by_content(head)
    raise MediaRefused(Refusal.NOT_MEDIA)


def _riff(kind: bytes) -> Container:
    if kind == b"AVI ":
        return Container.AVI
    if kind == b"WEBP":
        raise MediaRefused(Refusal.IMAGE)
    if kind == b"WAVE":
        return Container.WAV
    raise MediaRefused(Refusal.NOT_MEDIA)


def _looks_like_mpegts(head: bytes) -> bool:
    """Plain 188-byte packets, or 192 with a time stamp in front (camcorders)."""
    return any(
        len(head) > start + 2 * size and all(head[start + n * size] == 0x47 for n in range(3))
        for start, size in ((0, 188), (4, 192))
    )


def _bare_sound(head: bytes) -> Container | None:
    """MP3 and AAC frames without a container, after the ID3 tag that music files begin with. Of a
    tag that is longer than the head (it may hold a picture) nothing more is seen: those are MP3.
    """
    at = 0
    while head[at : at + 3] == b"ID3" and len(head) >= at + 10:
        sizes = head[at + 6 : at + 10]
        if max(sizes) > 0x7F:
            return None
        at += 10 + (sizes[0] << 21 | sizes[1] << 14 | sizes[2] << 7 | sizes[3])
    if at and at + 4 > len(head):
        return Container.MP3
    for container, length in ((Container.ADTS, _adts_frame), (Container.MP3, _mpeg_frame)):
        size = length(head[at : at + 6])
        rest = head[at + size : at + size + 6]
        # Two bytes are little proof: the next frame has to begin where the first one ends.
        if size and (len(rest) < 6 or length(rest)):
            return container
    return None


def _adts_frame(header: bytes) -> int:
    """Bytes of the AAC frame that begins so (ISO 14496-3, 1.A.3); 0 if none does."""
    if len(header) < 6 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:
        return 0
    if header[2] >> 2 & 0xF > 12:
        return 0
    size = (header[3] & 0x3) << 11 | header[4] << 3 | header[5] >> 5
    return size if size > 7 else 0


def _mpeg_frame(header: bytes) -> int:
    """Bytes of the MPEG audio layer III frame that begins so (ISO 11172-3, 2.4.2.3); 0 if none."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, bits, speed = header[1] >> 3 & 3, header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or bits in (0, 15) or speed == 3:
        return 0
    full = version == 3
    rate = (_MP3_RATES if full else _MP3_LOW_RATES)[bits - 1] * 1000
    samples_a_second = (44_100, 48_000, 32_000)[speed] >> (0 if full else 1 if version == 2 else 2)
    return (144 if full else 72) * rate // samples_a_second + (header[2] >> 1 & 1)


def _refuse_by_content(head: bytes) -> None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if text.startswith(_PLAYLIST_STARTS):
        raise MediaRefused(Refusal.PLAYLIST)
    if text.startswith((b"<?xml", b"<!doctype", b"<!--")):
        if any(tag in text for tag in _XML_PLAYLISTS):
            raise MediaRefused(Refusal.PLAYLIST)
        if b"<svg" in text:
            raise MediaRefused(Refusal.IMAGE)
    if text.startswith(b"<svg") or head.startswith(_IMAGES):
        raise MediaRefused(Refusal.IMAGE)
    for magic, name in _OTHER_MEDIA.items():
        if head.startswith(magic):
            raise MediaRefused(Refusal.UNSUPPORTED, {"what": name})
