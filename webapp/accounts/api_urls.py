from django.urls import path

from webapp.accounts import apis

urlpatterns = [
    path("tokens/", apis.ApiTokenListApi.as_view(), name="api-tokens"),
    path("tokens/<int:token_id>/", apis.ApiTokenApi.as_view(), name="api-token"),
    path("account/export/", apis.PersonalDataApi.as_view(), name="api-account-export"),
    path("account/erase/", apis.ErasureApi.as_view(), name="api-account-erase"),
]
