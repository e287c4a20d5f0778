from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from chat.questions.models import Question, QuestionLog
from common.read_only_admin import ReadOnly


class QuestionLogInline(ReadOnly, admin.TabularInline):
    model = QuestionLog
    fields = ["at", "type", "before", "by"]
    readonly_fields = ["at"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[QuestionLog]:
        return super().get_queryset(request).select_related("by")


@admin.register(Question)
class QuestionAdmin(ReadOnly, admin.ModelAdmin):
    """For looking things up."""

    list_display = ["asked_at", "broadcast", "author", "text", "status", "votes"]
    list_filter = ["status"]
    list_select_related = ["broadcast", "author"]
    search_fields = [
        "text",
        "author__nickname",
        "author__username",
        "broadcast__code",
        "broadcast__title",
        "code",
    ]
    date_hierarchy = "asked_at"
    show_full_result_count = False
    exclude = ["same_text"]
    inlines = [QuestionLogInline]
