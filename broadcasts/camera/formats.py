"""What browsers' MediaRecorder makes of a camera, and what is to be done with it."""

import re
from dataclasses import dataclass

from broadcasts.camera.refusals import UnknownFormat

# Named outright, so that ffmpeg never guesses: a playlist that pretends to be a film could name other files.
DEMUXERS = {"video/webm": "matroska", "video/x-matroska": "matroska", "video/mp4": "mov"}
PLAYS_AS_IT_IS = re.compile(r"h264|avc[13]\b")
MUST_BE_ENCODED = re.compile(r"vp8|vp9|vp09|av1|av01")
LONGEST = 120
ENCODING_COSTS = 4
"""An encoder does about so much more work than a whole camera that is passed on."""


@dataclass(frozen=True)
class Format:
    """`demuxer` is ffmpeg's name of the container; `encodes` whether the picture is no H.264."""

    demuxer: str
    encodes: bool

    @property
    def places(self) -> int:
        """How many of the process's CAMERA_MAX places it takes."""
        return ENCODING_COSTS if self.encodes else 1


def read_format(mime: str) -> Format:
    """Read a recorder's `mimeType` ("video/webm;codecs=h264,opus"). Raises UnknownFormat."""
    container, _, parameters = mime[:LONGEST].lower().replace(" ", "").partition(";")
    demuxer = DEMUXERS.get(container)
    if demuxer and PLAYS_AS_IT_IS.search(parameters):
        return Format(demuxer, encodes=False)
    if demuxer and MUST_BE_ENCODED.search(parameters):
        return Format(demuxer, encodes=True)
    raise UnknownFormat
