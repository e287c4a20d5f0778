from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unicodedata import category
from uuid import UUID, uuid4

from django import forms
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.models import Product
from common.errors import DomainError
from common.local_time import LocalMomentField
from common.polite_forms import ask_politely
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset
from trailers.actions import check_start
from trailers.models import COMMENT_MAX_LENGTH, Comment, Trailer

NEWEST_PRODUCTS = 60
FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # "letters" and "symbols" nobody can see


class NewestProducts(ModelChoiceIterator):
    """Offers the newest products, and the one chosen before; any other may still be posted."""

    def __iter__(self) -> Iterator[Any]:
        products = list(self.queryset[:NEWEST_PRODUCTS])
        chosen = self.field.chosen  # type: ignore[attr-defined]
        if chosen and chosen not in products:
            products.append(chosen)
        yield from (self.choice(product) for product in products)


class OwnProductField(forms.ModelChoiceField):
    """One of the seller's own products, by its code."""

    iterator = NewestProducts
    chosen: Product | None = None


class TrailerForm(forms.ModelForm):
    """An announcement, and which of the seller's products it is about; a new one comes in a form of its own."""

    starts_at = LocalMomentField(
        label=_("시작 시각"), error_messages={"required": _("방송을 시작할 시각을 골라 주세요.")}
    )
    product = OwnProductField(
        label=_("내 상품에서 고르기"),
        queryset=Product.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=None,
        blank=True,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("내 상품 중에서 골라 주세요.")},
    )
    video = AssetField(label=_("예고 영상"), purpose=Asset.Purpose.VIDEO)
    thumbnail = AssetField(label=_("썸네일"), purpose=Asset.Purpose.THUMBNAIL, required=False)

    class Meta:
        model = Trailer
        fields = ["title", "starts_at"]
        error_messages = {"title": {"required": _("예고 제목을 적어 주세요.")}}

    def __init__(self, *args: Any, seller: User, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        trailer: Trailer | None = kwargs.get("instance")
        if trailer:
            codes = {
                "product": trailer.product.code,
                "video": trailer.video.code,
                "thumbnail": trailer.thumbnail.code if trailer.thumbnail else "",
            }
            kwargs["initial"] = codes | kwargs.get("initial", {})
        super().__init__(*args, **kwargs)
        ask_politely(self)
        own = Product.objects.filter(seller=seller).order_by("-created_at")
        picker = self.fields["product"]
        assert isinstance(picker, OwnProductField)  # noqa: S101 for the type checker
        picker.queryset = own.prefetch_related("images", "variants__stock")
        picker.chosen = trailer.product if trailer else None
        for name in ("video", "thumbnail"):
            self.fields[name].owner = seller  # type: ignore[attr-defined]

    def clean_starts_at(self) -> datetime:
        starts_at: datetime = self.cleaned_data["starts_at"]
        announced = self.instance.starts_at if self.instance.pk else None
        # Left as it was, which the picker shows to the minute, it may also lie in the past.
        if announced and starts_at == announced.replace(second=0, microsecond=0):
            return announced
        try:
            check_start(starts_at)
        except DomainError as refusal:
            raise forms.ValidationError(refusal.message, code=refusal.code) from refusal
        return starts_at

    def clean_video(self) -> Asset:
        video: Asset = self.cleaned_data["video"]
        if self.instance.pk and Trailer.objects.filter(video=video).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("다른 예고에 쓰고 있는 영상이에요. 새 영상을 올려 주세요."))
        return video

    def values(self) -> dict[str, Any]:
        """What `create_trailer` and `edit_trailer` take besides the product and the person."""
        return {name: self.cleaned_data[name] for name in ("title", "starts_at", "video", "thumbnail")}


class CommentForm(forms.ModelForm):
    """What a member says. `key` makes a form that is sent twice one comment; a page without it does without."""

    key = forms.UUIDField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Comment
        fields = ["text"]
        widgets = {
            "text": forms.Textarea(attrs={"rows": 2, "maxlength": COMMENT_MAX_LENGTH, "autocomplete": "off"})
        }
        error_messages = {
            "text": {
                "required": _("댓글을 적어 주세요."),
                "max_length": _("댓글은 %(limit_value)d자까지 쓸 수 있어요. 조금 줄여 주세요."),
            }
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 Django's signature
        super().__init__(*args, **kwargs)
        if not self.is_bound:
            self.initial.setdefault("key", uuid4())

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if all(character in FILLERS or category(character)[0] in "ZCM" for character in text):
            raise forms.ValidationError(self.fields["text"].error_messages["required"], code="required")
        return text

    def clean_key(self) -> UUID:
        return self.cleaned_data["key"] or uuid4()
