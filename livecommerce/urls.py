"""Every address of the site, one include per app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from livecommerce import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("accounts.urls")),
    path("", include("catalog.urls")),  # before broadcasts, whose studio/<code>/ would take studio/products/
    path("", include("orders.urls")),  # before broadcasts likewise: studio/sales/
    path("", include("media_pipeline.urls")),
    path("", include("trailers.urls")),  # before broadcasts likewise: studio/trailers/
    path("", include("chat.urls")),  # before broadcasts likewise: studio/<code>/…/
    path("", include("broadcasts.urls")),
]

handler400 = "common.error_pages.bad_request"
handler403 = "common.error_pages.permission_denied"
handler404 = "common.error_pages.page_not_found"
handler500 = "common.error_pages.server_error"

if settings.SERVE_MEDIA:
    from access.serving import serve_media

    urlpatterns.append(path(f"{settings.MEDIA_URL.lstrip('/')}<path:name>", serve_media, name="media"))
