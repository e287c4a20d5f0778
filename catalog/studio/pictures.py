"""The pictures of a product's form, in the seller's order."""

from dataclasses import dataclass, field

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.actions import StoredImage
from catalog.models import Product
from catalog.pictures import PictureRefused, uploaded_pictures

MAX_PICTURES = 10


@dataclass(frozen=True)
class Slot:
    """One picture: what the form sends for it, what the product gets, where it is seen."""

    value: str
    picture: StoredImage | int
    url: str


@dataclass
class Pictures:
    """What a form shows or was sent with; `error` is a sentence for the seller, or ""."""

    slots: list[Slot] = field(default_factory=list)
    error: str = ""

    @property
    def in_order(self) -> list[StoredImage | int]:
        return [slot.picture for slot in self.slots]


def pictures_of(product: Product | None) -> Pictures:
    """Return the pictures that a product has."""
    images = product.images.all() if product else []
    return Pictures([Slot(str(image.pk), image.pk, image.file.url) for image in images])


def sent_pictures(values: list[str], *, seller: User, product: Product | None) -> Pictures:
    """Return the pictures a form names: by the id of one that the product has, or the code of an upload."""
    had = {slot.value: slot for slot in pictures_of(product).slots}
    sent = Pictures()
    for value in dict.fromkeys(values):
        if value in had:
            sent.slots.append(had[value])
            continue
        try:
            picture = uploaded_pictures().find(seller, value)
        except PictureRefused as refusal:
            sent.error = refusal.message
        else:
            sent.slots.append(Slot(value, picture, default_storage.url(picture.name)))
    if len(sent.slots) > MAX_PICTURES:
        sent.error = _("사진은 10장까지 넣을 수 있어요.")
    return sent
