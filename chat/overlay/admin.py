from django.contrib import admin

from chat.overlay.models import Overlay
from common.read_only_admin import ReadOnly


@admin.register(Overlay)
class OverlayAdmin(ReadOnly, admin.ModelAdmin):
    """Who has an overlay; its address is known to nobody but the seller."""

    list_display = ["channel", "theme", "size", "issued_at"]
    list_select_related = ["channel__member"]
    search_fields = ["channel__member__nickname", "channel__member__username"]
