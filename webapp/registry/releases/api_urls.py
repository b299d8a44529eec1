from django.urls import path

from webapp.registry.releases import apis

urlpatterns = [
    path("release/", apis.LiveReleaseApi.as_view(), name="api-release"),
    path("releases/", apis.ReleaseListApi.as_view(), name="api-releases"),
    path("releases/<int:release_id>/promote", apis.PromoteApi.as_view(), name="api-release-promote"),
    path("releases/rollback", apis.RollbackApi.as_view(), name="api-release-rollback"),
]
