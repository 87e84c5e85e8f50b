"""What a file is by its first bytes, decided by us before any demuxer sees it. Pure.

ffmpeg guesses formats from content and would follow a playlist that is named lecture.mp4 to other
files or hosts; so only five families of containers pass, and each is then opened with its own
demuxer and no other.
"""

from enum import StrEnum

from media_pipeline.ffmpeg.refusals import MediaRefused, Refusal

HEAD_BYTES = 4096


class Container(StrEnum):
    """Container family; the value is the name of ffmpeg's demuxer for it."""

    MOV = "mov"  # mp4, mov, m4v, 3gp
    MATROSKA = "matroska"  # mkv, webm
    AVI = "avi"
    MPEGTS = "mpegts"
    FLV = "flv"


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
_SOUND = (b"ID3", b"fLaC", b"OggS", b"#!AMR", b"MThd", b"FORM", b"caff", b"\xff\xfb", b"\xff\xf1")
_OTHER_VIDEO = {
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
_MOV_FIRST_BOXES = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"moof", b"styp"}


def sniff(head: bytes) -> Container:
    """Return the container family of a file that begins with `head` (up to HEAD_BYTES).

    Raises MediaRefused: empty, playlist, image, no_video (a sound file), unsupported (a video
    container we do not take) or not_media.
    """
    if not head:
        raise MediaRefused(Refusal.EMPTY)
    if head[4:8] == b"ftyp":
        if head[8:12] in _IMAGE_BRANDS:
            raise MediaRefused(Refusal.IMAGE)
        if head[8:12] in {b"M4A ", b"M4B "}:
            raise MediaRefused(Refusal.NO_VIDEO)
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
    _refuse_by_content(head)
    raise MediaRefused(Refusal.NOT_MEDIA)


def _riff(kind: bytes) -> Container:
    if kind == b"AVI ":
        return Container.AVI
    if kind == b"WEBP":
        raise MediaRefused(Refusal.IMAGE)
    if kind == b"WAVE":
        raise MediaRefused(Refusal.NO_VIDEO)
    raise MediaRefused(Refusal.NOT_MEDIA)


def _looks_like_mpegts(head: bytes) -> bool:
    """Plain 188-byte packets, or 192 with a time stamp in front (camcorders)."""
    return any(
        len(head) > start + 2 * size and all(head[start + n * size] == 0x47 for n in range(3))
        for start, size in ((0, 188), (4, 192))
    )


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
    if head.startswith(_SOUND):
        raise MediaRefused(Refusal.NO_VIDEO)
    for magic, name in _OTHER_VIDEO.items():
        if head.startswith(magic):
            raise MediaRefused(Refusal.UNSUPPORTED, {"what": name})
