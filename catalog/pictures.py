"""Where pictures of products come from: whoever keeps uploads says which of them may be shown."""

from accounts.models import User
from catalog.actions import StoredImage
from common.errors import DomainError
from common.providers import provider


class PictureRefused(DomainError):
    """There is no such picture of this member, or not one that can be used."""

    code = "picture_refused"


class UploadedPictures:
    """The port: one adapter, in the app that keeps uploads."""

    def find(self, owner: User, code: str) -> StoredImage:
        """Return the picture that `owner` uploaded under this code. Raises PictureRefused."""
        raise NotImplementedError


def uploaded_pictures() -> UploadedPictures:
    port: UploadedPictures = provider("PRODUCT_PICTURES")
    return port
