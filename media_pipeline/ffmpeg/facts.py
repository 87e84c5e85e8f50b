"""What is known of a source film after the probe, and what we take at all. Pure."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from math import inf
from typing import Any

from media_pipeline.ffmpeg.sniff import Container

# Only what phones, cameras, screen recorders and browsers write. A codec that is not here is
# never decoded: every decoder is code that reads untrusted bytes.
# fmt: off
VIDEO_CODECS = frozenset(
    {
        "h264", "hevc", "av1", "libdav1d", "vp8", "vp9", "libvpx", "libvpx-vp9", "mpeg4",
        "h263", "mpeg1video", "mpeg2video", "mjpeg", "prores", "dnxhd", "dvvideo", "flv",
        "vp6f", "msmpeg4v2", "msmpeg4", "msmpeg4v3",
    }
)
AUDIO_CODECS = frozenset(
    {
        "aac", "aac_latm", "mp3", "mp3float", "mp2", "mp2float", "ac3", "eac3", "opus",
        "libopus", "vorbis", "libvorbis", "flac", "alac", "amrnb", "amrwb", "amr_nb",
        "amr_wb", "libopencore_amrnb", "libopencore_amrwb", "adpcm_ima_qt", "adpcm_ms",
        "adpcm_swf", "nellymoser", "pcm_s16le", "pcm_s16be", "pcm_s24le", "pcm_s24be",
        "pcm_s32le", "pcm_f32le", "pcm_u8", "pcm_mulaw", "pcm_alaw",
    }
)
# fmt: on

MAX_STREAMS = 64
MAX_PIXELS = 4096 * 2304  # of one picture
MAX_RATE = 500  # pictures a second; phones' slow motion reaches 240
MAX_CHANNELS = 16
MAX_SAMPLE_RATE = 384_000
# A lecture of sound alone is shown with its cover, if it has one of these kinds.
COVER_CODECS = frozenset({"mjpeg", "png"})
NO_STREAM = -1

# Numbers of ITU-T H.273 and of ffmpeg's AVColorRange.
UNKNOWN = 2
MATRIX_BT601 = 6
TRANSFER_PQ, TRANSFER_HLG = 16, 18
RANGE_TV, RANGE_FULL = 1, 2

REMUX_LONG_SIDE, REMUX_SHORT_SIDE = 1920, 1088


@dataclass(frozen=True)
class AudioFacts:
    index: int
    codec: str
    profile: str
    channels: int
    sample_rate: int
    start: float  # seconds on the file's own clock
    end: float


@dataclass(frozen=True)
class SourceFacts:
    """A film that passed the probe. Width and height are as it is to be shown: upright, with
    square pixels, not rounded. Times are seconds; `duration` covers picture and sound.

    Of a lecture that is sound alone (`sound_only`) the one picture is the cover in the file, or
    the product's own with `video_index` NO_STREAM; it is shown as long as the sound lasts.
    """

    container: Container
    bytes: int
    duration: float
    width: int
    height: int
    rotation: int
    fps: Fraction
    is_vfr: bool
    video_index: int
    video_codec: str
    video_profile: str
    pix_fmt: str
    interlaced: bool
    color_range: int
    color_matrix: int
    color_transfer: int
    color_primaries: int
    video_start: float
    video_end: float
    keyframe_gap: float
    audio: AudioFacts | None
    sound_only: bool = False
    # Seconds by which tracks that are not taken begin before the film; ffmpeg counts from there.
    lead: float = 0.0
    # False when only the beginning was read, and the length is what the film declares.
    whole: bool = True

    @property
    def audio_channels(self) -> int:
        return self.audio.channels if self.audio else 0

    @property
    def pictures_end(self) -> float:
        """Seconds from the film's beginning to the end of its last picture."""
        return self.video_end - min(self.video_start, self.audio.start if self.audio else inf)

    @property
    def is_hdr(self) -> bool:
        return self.color_transfer in (TRANSFER_PQ, TRANSFER_HLG)

    @property
    def is_full_range(self) -> bool:
        return self.color_range == RANGE_FULL or self.pix_fmt.startswith("yuvj")

    @property
    def is_rgb(self) -> bool:
        return self.pix_fmt.startswith(("gbr", "rgb", "bgr"))

    @property
    def can_remux(self) -> bool:
        """Whether any browser plays these very streams in an MP4 (a flag may still turn them)."""
        return (
            self.video_codec == "h264"
            and self.video_profile in {"Baseline", "Constrained Baseline", "Main", "High"}
            and self.pix_fmt in {"yuv420p", "yuvj420p"}
            and not self.is_hdr
            and not self.interlaced
            and max(self.width, self.height) <= REMUX_LONG_SIDE
            and min(self.width, self.height) <= REMUX_SHORT_SIDE
            and (self.audio is None or self.audio.codec == "aac")
            and self.container is not Container.AVI  # no presentation times for B-frames
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values to keep with the asset."""
        return {
            **asdict(self),
            "container": str(self.container),
            "fps": round(float(self.fps), 3),
            "is_hdr": self.is_hdr,
            "can_remux": self.can_remux,
        }
