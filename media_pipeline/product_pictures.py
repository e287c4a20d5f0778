"""Pictures of products among the uploads (`catalog.pictures`)."""

from django.core.exceptions import ValidationError

from accounts.models import User
from catalog.actions import StoredImage
from catalog.pictures import PictureRefused, UploadedPictures
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset


class AssetPictures(UploadedPictures):
    """A product's picture is an asset of that purpose."""

    def find(self, owner: User, code: str) -> StoredImage:
        field = AssetField(purpose=Asset.Purpose.PRODUCT)
        field.owner = owner
        try:
            asset = field.clean(code)
        except ValidationError as refusal:
            raise PictureRefused(" ".join(refusal.messages)) from refusal
        assert asset is not None  # noqa: S101 a required field
        return StoredImage(name=asset.storage_key, width=asset.width, height=asset.height)
