from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Undeliverable, User


@admin.register(User)
class MemberAdmin(UserAdmin):
    list_display = ["username", "nickname", "kind", "date_joined", "is_active", "is_staff"]
    list_filter = ["kind", "is_active", "is_staff"]
    search_fields = ["username", "nickname", "email"]
    ordering = ["-date_joined"]
    readonly_fields = ["code", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["username", "password", "code"]}),
        (_("회원 정보"), {"fields": ["name", "nickname", "email", "kind", "phone"]}),
        (_("주소"), {"fields": ["postcode", "address", "address_detail"]}),
        (_("권한"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("날짜"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {
                "classes": ["wide"],
                "fields": ["username", "email", "name", "nickname", "password1", "password2"],
            },
        )
    ]


@admin.register(Undeliverable)
class UndeliverableAdmin(admin.ModelAdmin):
    """Staff take an address off the list by deleting it, when its owner asks and it works again."""

    list_display = ["address", "reason", "at"]
    list_filter = ["reason"]
    search_fields = ["address"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Undeliverable | None = None) -> bool:
        return False
