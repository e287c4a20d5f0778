from typing import cast

from common.providers import provider
from media_pipeline.uploading.base import DirectUploads


def uploads() -> DirectUploads:
    """Return where browsers put files."""
    return cast(DirectUploads, provider("UPLOADS"))
