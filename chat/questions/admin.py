from django.contrib import admin

from chat.questions.models import Question, QuestionLog
from common.read_only_admin import ReadOnly


class QuestionLogInline(ReadOnly, admin.TabularInline):
    model = QuestionLog
    fields = ["at", "type", "before", "by"]
    extra = 0


@admin.register(Question)
class QuestionAdmin(ReadOnly, admin.ModelAdmin):
    """For looking things up."""

    list_display = ["asked_at", "broadcast", "author", "text", "status", "votes"]
    list_filter = ["status"]
    list_select_related = ["broadcast", "author"]
    search_fields = ["text", "author__nickname", "author__username", "broadcast__code", "code"]
    date_hierarchy = "asked_at"
    show_full_result_count = False
    exclude = ["same_text"]
    inlines = [QuestionLogInline]
