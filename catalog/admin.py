from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.models import Category, Product, ProductImage


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ["name", "parent", "position"]
    list_select_related = ["parent"]
    prepopulated_fields = {"slug": ["name"]}


class ProductImageInline(admin.TabularInline):
    model = ProductImage
    extra = 0
    readonly_fields = ["file"]


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    list_display = ["name", "code", "seller", "category", "price", "left", "created_at"]
    list_select_related = ["seller", "category"]
    list_filter = ["category"]
    search_fields = ["name", "code", "seller__nickname"]
    raw_id_fields = ["seller"]
    readonly_fields = ["code", "left"]
    inlines = [ProductImageInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        return super().get_queryset(request).prefetch_related("variants__stock")

    @admin.display(description="남은 수량")
    def left(self, product: Product) -> int:
        return product.left
