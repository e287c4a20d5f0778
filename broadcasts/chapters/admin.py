from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from broadcasts.chapters.actions import remove_chapter
from broadcasts.chapters.models import Chapter
from common.read_only_admin import ReadOnly


@admin.register(Chapter)
class ChapterAdmin(ReadOnly, admin.ModelAdmin):
    """For looking things up. A title that must not stand there is taken out of the replay by an action."""

    list_display = ["at", "broadcast", "title", "product", "source", "hidden"]
    list_select_related = ["broadcast", "product"]
    list_filter = ["source", "hidden"]
    search_fields = ["code", "title", "broadcast__code", "broadcast__title"]
    ordering = ["-pk"]
    show_full_result_count = False
    actions = ["remove"]

    @admin.action(description="다시보기에서 빼기", permissions=["remove"])
    def remove(self, request: HttpRequest, queryset: QuerySet[Chapter]) -> None:
        for chapter in queryset:
            self.log_change(request, chapter, "다시보기에서 뺐어요.")
            remove_chapter(chapter)
        self.message_user(request, "다시보기에서 뺐어요.", messages.SUCCESS)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chapters.delete_chapter")
