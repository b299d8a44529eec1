from django.urls import path

from webapp.sites import apis

urlpatterns = [
    path("site-keys/", apis.SiteKeyListApi.as_view(), name="api-site-keys"),
    path("site-keys/<int:key_id>/", apis.SiteKeyApi.as_view(), name="api-site-key"),
    path("site-keys/<int:key_id>/rotate/", apis.SiteKeyRotationApi.as_view(), name="api-site-key-rotate"),
]
