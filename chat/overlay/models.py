import hashlib

from django.db import models
from django.utils.translation import gettext_lazy as _

from broadcasts.models import Channel


class Overlay(models.Model):
    """The page that a seller's broadcasting program lays over the picture. Its address is the only key to it.

    Only a digest of the address's token is kept: who loses the address gets another one.
    """

    class Theme(models.TextChoices):
        DARK = "dark", _("어두운 카드")
        LIGHT = "light", _("밝은 카드")
        CLEAR = "clear", _("글자만")

    class Size(models.TextChoices):
        SMALL = "small", _("작게")
        MEDIUM = "medium", _("보통")
        LARGE = "large", _("크게")

    channel = models.OneToOneField(
        Channel, primary_key=True, on_delete=models.CASCADE, related_name="overlay"
    )
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    """None once it was revoked."""
    theme = models.CharField(_("모양"), max_length=5, choices=Theme, default=Theme.DARK)
    size = models.CharField(_("크기"), max_length=6, choices=Size, default=Size.MEDIUM)
    shows_followers = models.BooleanField(_("새 팔로워 보이기"), default=True, db_default=True)
    issued_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.channel_id)

    @staticmethod
    def digest_of(token: str) -> str:
        """Return what a token is looked up by (SHA-256 suffices: tokens are long and random)."""
        return hashlib.sha256(token.encode()).hexdigest()
