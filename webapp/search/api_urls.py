from django.urls import path

from webapp.search import apis

urlpatterns = [
    path("search", apis.SearchApi.as_view(), name="api-search"),
    path("search/image", apis.ImageSearchApi.as_view(), name="api-search-image"),
    path("products/<int:product_id>/similar", apis.SimilarApi.as_view(), name="api-similar"),
    path("shares/", apis.ShareListApi.as_view(), name="api-shares"),
    path("shares/<slug:share_id>/", apis.ShareApi.as_view(), name="api-share"),
    path("embed/", apis.EmbedApi.as_view(), name="api-embed"),
    path("examples/", apis.ExampleListApi.as_view(), name="api-examples"),
]
