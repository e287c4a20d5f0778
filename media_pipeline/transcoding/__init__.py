from typing import cast

from common.providers import provider
from media_pipeline.transcoding.base import Transcoding


def transcoding() -> Transcoding:
    """Return the site's transcoder."""
    return cast(Transcoding, provider("TRANSCODING"))
