from django.contrib import admin

from chat.activities.models import Activity
from common.read_only_admin import ReadOnly


@admin.register(Activity)
class ActivityAdmin(ReadOnly, admin.ModelAdmin):
    """For looking things up. A draw's seed is told by its page, once it is over."""

    list_display = ["opened_at", "broadcast", "kind", "question", "status"]
    list_select_related = ["broadcast"]
    list_filter = ["kind", "status"]
    search_fields = ["code", "question", "broadcast__code", "broadcast__title"]
    date_hierarchy = "opened_at"
    exclude = ["seed"]
    show_full_result_count = False
