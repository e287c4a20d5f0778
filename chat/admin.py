from django.contrib import admin
from django.http import HttpRequest

from chat.models import Message


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    """For looking things up; what was said stays as it was said."""

    list_display = ["created_at", "broadcast", "author", "text"]
    list_select_related = ["author", "room__broadcast"]
    search_fields = ["text", "author__nickname", "author__username", "room__broadcast__code"]
    date_hierarchy = "created_at"
    show_full_result_count = False

    @admin.display(description="방송")
    def broadcast(self, message: Message) -> str:
        return message.room.broadcast.title

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
