from django.urls import include, path

from webapp.registry import apis

urlpatterns = [
    path("", include("webapp.registry.gates.api_urls")),
    path("", include("webapp.registry.runs.api_urls")),
    path("release/", apis.LiveReleaseApi.as_view(), name="api-release"),
    path("releases/", apis.ReleaseListApi.as_view(), name="api-releases"),
    path("releases/<int:release_id>/promote", apis.PromoteApi.as_view(), name="api-release-promote"),
    path("releases/rollback", apis.RollbackApi.as_view(), name="api-release-rollback"),
]
