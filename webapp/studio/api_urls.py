from django.urls import path

from webapp.studio import apis

urlpatterns = [path("releases/events/", apis.ReleaseEventListApi.as_view(), name="api-release-events")]
