from django.contrib import admin
from django.db import models
from django.http import HttpRequest


class ReadOnly(admin.options.BaseModelAdmin):
    """Looked at by hand, changed by actions only."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False
