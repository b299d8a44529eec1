"""Every URL of the site."""

import sys

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.urls import URLPattern, URLResolver, include, path
from django.views import defaults
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from webapp.http import media
from webapp.http.api.schema_view import SchemaApi
from webapp.http.problems import StorageFullError, is_api, problem_response
from webapp.http.security import policy_with
from webapp.pages import brand, documentation
from webapp.pages import views as pages
from webapp.probes import health
from webapp.sites import views as sites
from webapp.stores.full_disk import disk_is_full

admin.site.site_header = admin.site.site_title = settings.CONFIG.brand_name
admin.site.index_title = "Catalogue, accounts and releases"

api_urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("webapp.search.api_urls")),  # URLs are tried in this order
    path("", include("webapp.clicks.api_urls")),
    path("", include("annotation.apis.urls")),
    path("", include("webapp.accounts.api_urls")),
    path("", include("webapp.sites.api_urls")),
    path("", include("webapp.catalog.api_urls")),
    path("", include("webapp.catalog.words.api_urls")),
    path("", include("webapp.registry.gates.api_urls")),
    path("", include("webapp.registry.lineage.api_urls")),
    path("", include("webapp.registry.runs.api_urls")),
    path("", include("webapp.registry.releases.api_urls")),
    path("", include("webapp.studio.api_urls")),
    path("schema/", SchemaApi.as_view(), name="api-schema"),
    path(
        "docs/",
        # Swagger's page has an inline style; its script is a file of ours.
        policy_with(style_src="'unsafe-inline'")(SpectacularSwaggerSplitView.as_view(url_name="api-schema")),
        name="api-docs",
    ),
]

urlpatterns = [
    path("api/v1/", include(api_urlpatterns)),  # requested most often
    path("", include("webapp.search.urls")),
    path("", include("webapp.catalog.urls")),
    path("", include("annotation.views.urls")),
    path("", include("webapp.studio.urls")),
    path("p/<int:product_id>-<slug:slug>/", pages.product, name="product"),
    path("how/", pages.how, name="how"),
    path("docs/", documentation.page, name="documentation"),
    path("docs/<path:name>", documentation.page),
    path(
        "favicon.ico", RedirectView.as_view(url=f"{settings.STATIC_URL}icon.svg")
    ),  # for pages that do not name an icon
    path("embed/", sites.embed, name="embed"),
    path("embed.js", sites.script, name="embed-script"),
    path("brand/logo", brand.logo, name="brand-logo"),
    path("brand/style.css", brand.style, name="brand-style"),
    path("offline/", pages.offline, name="offline"),
    path("service-worker.js", pages.service_worker, name="service-worker"),
    path("media/<path:name>", media.media_file, name="media"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem_response(400, "The request is malformed.")
    return defaults.bad_request(request, exception)


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_api(request):
        return problem_response(404, "There is nothing at this URL.")
    return defaults.page_not_found(request, exception)


def handler500(request: HttpRequest) -> HttpResponse:
    """Handle an error that a view or a middleware raised."""
    if disk_is_full(sys.exc_info()[1]):
        return _disk_full(request)
    if is_api(request):
        return problem_response(500, "The server failed; the error is in its log.")
    return defaults.server_error(request)


def _disk_full(request: HttpRequest) -> HttpResponse:
    """Answer that nothing can be saved; reading still works."""
    if is_api(request):
        response = problem_response(StorageFullError.status_code, StorageFullError.default_detail)
    else:
        page = loader.get_template(
            "507.html"
        ).render()  # without the request's context, whose session may not load
        response = HttpResponse(page, status=StorageFullError.status_code)
    response["Retry-After"] = str(StorageFullError.wait)
    return response
