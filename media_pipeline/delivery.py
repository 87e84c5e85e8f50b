"""Signed addresses of media: `/v/<key id>.<expiry>.<signature>/<package>/<file>`.

One short-lived prefix opens one package; playlists use relative addresses and inherit it. The
signature is exactly what nginx's `secure_link_md5 "$v_exp $v_pkg $v_key"` checks
(deploy/nginx.conf), hence MD5: the key is a long secret at the end of a message whose other
parts have fixed alphabets and lengths. Whether somebody may watch is decided above, before a
prefix is asked for; serving the bytes belongs to `views`.
"""

import base64
import binascii
import dataclasses
import datetime as dt
import hashlib
import hmac
import re
from enum import Enum
from typing import Any

from django.conf import settings

from media_pipeline import store
from media_pipeline.models import Package, VideoAsset

ROOT = "/v/"
MASTER = "master.m3u8"
PROGRESSIVE = "progressive.mp4"
POSTER = "poster.jpg"
STORYBOARD = "storyboard.vtt"
PACK = "pack_"  # how names of download packs begin
# For weak lines (media_pipeline.ffmpeg.light).
LOW = "low.mp4"
SOUND = "sound.mp4"

# The same alphabets and lengths as in deploy/nginx.conf.
ADDRESS = re.compile(
    r"/v/(?P<token>[a-z]\.\d{10}\.[A-Za-z0-9_-]{22})"
    r"/(?P<package>[A-Za-z0-9_-]{1,64})/(?P<path>[A-Za-z0-9_./-]+)",
    re.ASCII,
)


class Verdict(Enum):
    OPEN = "open"
    FORBIDDEN = "forbidden"
    EXPIRED = "expired"


@dataclasses.dataclass(frozen=True)
class SignedPrefix:
    """The address of a package, ending in a slash, and when it stops working."""

    prefix: str
    expires_at: dt.datetime

    def url(self, path: str) -> str:
        return self.prefix + path


def sign_prefix(package_id: str, *, now: dt.datetime, lifetime: int | None = None) -> SignedPrefix:
    """Sign the address of a package for at most `lifetime` seconds and at least three quarters.

    Expiry is rounded down to quarters of the lifetime, so that one page after the other names
    the same address and a browser finds its posters in its cache.
    """
    seconds = settings.DELIVERY_LIFETIME if lifetime is None else lifetime
    step = max(1, seconds // 4)
    expires = (int(now.timestamp()) + seconds) // step * step
    key_id = settings.DELIVERY_ACTIVE_KEY
    digest = _digest(f"{expires:010d}", package_id, settings.DELIVERY_KEYS[key_id])
    signature = base64.urlsafe_b64encode(digest).decode().rstrip("=")
    return SignedPrefix(
        prefix=f"{ROOT}{key_id}.{expires:010d}.{signature}/{package_id}/",
        expires_at=dt.datetime.fromtimestamp(expires, dt.UTC),
    )


def verify(token: str, package_id: str, *, now: dt.datetime) -> Verdict:
    """Judge `<key id>.<expiry>.<signature>` for a package, in the order in which nginx does."""
    key_id, _, rest = token.partition(".")
    expires, _, signature = rest.partition(".")
    key = settings.DELIVERY_KEYS.get(key_id, "")
    if not key or not re.fullmatch(r"\d{10}", expires, re.ASCII):
        return Verdict.FORBIDDEN
    try:
        claimed = base64.urlsafe_b64decode(signature + "==")
    except (ValueError, binascii.Error):
        return Verdict.FORBIDDEN
    if not hmac.compare_digest(claimed, _digest(expires, package_id, key)):
        return Verdict.FORBIDDEN
    return Verdict.EXPIRED if int(expires) < int(now.timestamp()) else Verdict.OPEN


def _digest(expires: str, package_id: str, key: str) -> bytes:
    text = f"{expires} {package_id} {key}".encode()
    return hashlib.md5(text, usedforsecurity=False).digest()


@dataclasses.dataclass(frozen=True)
class Playback:
    """What a player needs. Addresses are signed; ask again before `expires_in` seconds."""

    master: str
    progressive: str
    low: str  # empty in packages of earlier versions, as `sound`, which mute films lack as well
    sound: str
    poster: str
    storyboard: str
    expires_in: int
    duration: float
    width: int
    height: int
    has_audio: bool
    renditions: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        return {**dataclasses.asdict(self), "renditions": list(self.renditions)}


@dataclasses.dataclass(frozen=True)
class Preview:
    """Something that already plays while the rest is prepared; only for its uploader."""

    url: str
    is_playlist: bool
    expires_in: int


def playback_for(asset: VideoAsset, *, now: dt.datetime) -> Playback | None:
    """Signed addresses of a ready recording; None while it is not. At most two queries, none
    with `package__renditions` prefetched.
    """
    if not asset.is_ready or asset.package_id is None:
        return None
    signed = sign_prefix(asset.package_id, now=now)
    package = asset.package
    assert package is not None
    renditions = sorted(
        package.renditions.all(), key=lambda rendition: (-rendition.height, -rendition.bandwidth)
    )
    return Playback(
        master=signed.url(MASTER),
        progressive=signed.url(PROGRESSIVE),
        low=signed.url(LOW) if package.light else "",
        sound=signed.url(SOUND) if package.light and asset.has_audio else "",
        poster=signed.url(poster_name(asset)),
        storyboard=signed.url(STORYBOARD),
        expires_in=_seconds_left(signed, now),
        duration=asset.duration or 0.0,
        width=asset.width or 0,
        height=asset.height or 0,
        has_audio=asset.has_audio,
        renditions=tuple(
            {
                "name": rendition.name,
                "width": rendition.width,
                "height": rendition.height,
                "bandwidth": rendition.bandwidth,
                "average_bandwidth": rendition.average_bandwidth,
                "bytes": rendition.bytes,
                "codecs": rendition.codecs,
            }
            for rendition in renditions
        ),
    )


def poster_for(asset: VideoAsset, *, now: dt.datetime) -> str:
    """The signed address of the poster, without a query; empty while there is none."""
    if not asset.is_ready or asset.package_id is None:
        return ""
    return sign_prefix(asset.package_id, now=now).url(poster_name(asset))


def poster_file(asset: VideoAsset) -> bytes | None:
    """The picture itself, some tens of KB; None while there is none, or where it is lost."""
    if not asset.is_ready or asset.package_id is None:
        return None
    try:
        with store.recordings().open(
            f"{store.package_folder(asset.package_id)}/{poster_name(asset)}"
        ) as file:
            return bytes(file.read())
    except OSError:
        return None


def poster_name(asset: VideoAsset) -> str:
    """The picture of the recording's package that counts: a chosen one, or the first."""
    package, _, name = asset.poster.partition("/")
    return name if name and package == asset.package_id else POSTER


def preview_for(asset: VideoAsset, *, now: dt.datetime) -> Preview | None:
    """What of an unfinished package already plays; None if nothing does or all of it does."""
    if asset.is_ready:
        return None
    packages = Package.objects.wanted().filter(asset=asset).exclude(preview="")
    # The first look has one place for as long as it is needed; the other moves with its attempts.
    package = packages.order_by("-job__lane", "-fence").first()
    if package is None:
        return None
    signed = sign_prefix(package.key, now=now)
    return Preview(
        url=signed.url(package.preview),
        is_playlist=package.preview.endswith(".m3u8"),
        expires_in=_seconds_left(signed, now),
    )


def preview_url(asset: VideoAsset, *, now: dt.datetime) -> str:
    """An MP4 for the uploader to look at: the finished one, or what plays already; else empty."""
    if asset.is_ready and asset.package_id is not None:
        return sign_prefix(asset.package_id, now=now).url(PROGRESSIVE)
    preview = preview_for(asset, now=now)
    return preview.url if preview is not None and not preview.is_playlist else ""


def _seconds_left(signed: SignedPrefix, now: dt.datetime) -> int:
    return int((signed.expires_at - now).total_seconds())
