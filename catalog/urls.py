from django.urls import path

from catalog import views
from catalog.studio import csv_views, shipping_views, stock_views
from catalog.studio import views as studio

app_name = "catalog"
urlpatterns = [
    path("categories/<slug:slug>/", views.category, name="category"),
    path("search/", views.search, name="search"),
    path("products/new/", views.new, name="new"),
    path("products/<slug:code>/", views.product, name="product"),
    path("studio/products/", studio.products, name="studio"),
    path("studio/products/new/", studio.create, name="create"),
    path("studio/products/variants/", studio.combine, name="combine"),
    path("studio/products/csv/", csv_views.csv_page, name="csv"),
    path("studio/products/csv/export/", csv_views.export, name="csv_export"),
    path("studio/products/stock/<slug:code>/", stock_views.stock, name="stock"),
    path("studio/products/<slug:code>/", studio.edit, name="edit"),
    path("studio/products/<slug:code>/pause/", studio.turn, {"to": "pause"}, name="pause"),
    path("studio/products/<slug:code>/resume/", studio.turn, {"to": "resume"}, name="resume"),
    path("studio/products/<slug:code>/end/", studio.turn, {"to": "end"}, name="end"),
    path("studio/shipping/", shipping_views.rules, name="shipping"),
    path("studio/shipping/<int:pk>/", shipping_views.rule, name="shipping_rule"),
    path("studio/shipping/<int:pk>/remove/", shipping_views.remove, name="shipping_remove"),
]
