from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from broadcasts.clips.actions import delete_clip
from broadcasts.clips.models import Clip
from common.read_only_admin import ReadOnly


@admin.register(Clip)
class ClipAdmin(ReadOnly, admin.ModelAdmin):
    """For looking things up, also why one could not be made. Taken away by an action only: its files go too."""

    list_display = ["created_at", "broadcast", "title", "status", "length", "problem"]
    list_select_related = ["broadcast"]
    list_filter = ["status"]
    search_fields = ["code", "title", "broadcast__code", "broadcast__title"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    actions = ["remove"]

    @admin.action(description="클립 지우기", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Clip]) -> HttpResponse | None:
        """Delete clips; asks first, since where their recording is gone they never come back."""
        if "sure" not in request.POST:
            context = self.admin_site.each_context(request) | {
                "title": "클립을 지울까요?",
                "clips": queryset.select_related("broadcast"),
                "opts": self.model._meta,
            }
            return render(request, "admin/clips/clip/remove.html", context)
        self.log_deletions(request, queryset)
        for clip in queryset:
            delete_clip(clip)
        self.message_user(request, "클립을 지웠어요.", messages.SUCCESS)
        return None

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("clips.delete_clip")
