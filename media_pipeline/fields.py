"""The form field that names an uploaded file by its asset's code; the upload itself is the page's script's work."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from media_pipeline.models import Asset
from media_pipeline.purposes import Purpose, kind_of

Status = Asset.Status
USABLE_VIDEO = {Status.CHECKING, Status.TRANSCODING, Status.READY}
"""A video may still be in the making when its form is sent; a picture takes a second, so the page waits."""
USABLE_PICTURE = {Status.READY}

REQUIRED = {True: _("영상을 올려 주세요."), False: _("사진을 올려 주세요.")}
UNKNOWN = {
    True: _("올린 영상을 찾을 수 없어요. 영상을 다시 올려 주세요."),
    False: _("올린 사진을 찾을 수 없어요. 사진을 다시 올려 주세요."),
}
NOT_YET = {
    True: _("영상을 아직 올리는 중이에요. 다 올라간 뒤에 다시 눌러 주세요."),
    False: _("사진을 아직 올리는 중이에요. 다 올라간 뒤에 다시 눌러 주세요."),
}
UNUSABLE = {
    True: _("쓸 수 없는 영상이에요. 다른 영상을 올려 주세요."),
    False: _("쓸 수 없는 사진이에요. 다른 사진을 올려 주세요."),
}


class AssetField(forms.CharField):
    """Cleans the code of an asset of `owner` to the asset, an empty one to None.

    The form sets `owner` before it is cleaned; without one no code is anybody's.
    """

    widget = forms.HiddenInput
    owner: User | None = None

    def __init__(self, *, purpose: str, **options: Any) -> None:  # noqa: ANN401 Django's signature
        self.purpose = Purpose(purpose)
        self.is_video = self.purpose == Purpose.VIDEO
        given = options.pop("error_messages", {})
        super().__init__(
            max_length=12, error_messages={"required": REQUIRED[self.is_video], **given}, **options
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """`accept` is for the file chooser that the page shows beside the hidden input."""
        return super().widget_attrs(widget) | {"accept": kind_of(self.purpose).accept}

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401 Django's signature
        return value.code if isinstance(value, Asset) else value

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401 Django's signature
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> Asset | None:  # noqa: ANN401 Django's signature
        code = super().clean(value)
        if not code:
            return None
        asset = Asset.objects.filter(owner=self.owner, purpose=self.purpose, code=code).first()
        if asset is None:
            raise forms.ValidationError(UNKNOWN[self.is_video], code="unknown")
        if asset.status in (USABLE_VIDEO if self.is_video else USABLE_PICTURE):
            return asset
        if asset.status in (Status.UPLOADING, Status.CHECKING):
            raise forms.ValidationError(NOT_YET[self.is_video], code="not_yet")
        raise forms.ValidationError(UNUSABLE[self.is_video], code="unusable")
