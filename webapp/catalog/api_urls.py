from django.urls import path

from webapp.catalog import apis
from webapp.catalog.imports import apis as imports
from webapp.catalog.imports.scheduled import apis as feeds
from webapp.catalog.upserts import apis as upserts

urlpatterns = [
    path("products/", apis.ProductListApi.as_view(), name="api-products"),
    path("products/<int:product_id>/", apis.ProductApi.as_view(), name="api-product"),
    path("categories/", apis.CategoryListApi.as_view(), name="api-categories"),
    path("catalog/imports/", imports.ImportListApi.as_view(), name="api-imports"),
    path("catalog/imports/<uuid:import_id>/", imports.ImportApi.as_view(), name="api-import"),
    path(
        "catalog/imports/<uuid:import_id>/start/", imports.ImportStartApi.as_view(), name="api-import-start"
    ),
    path(
        "catalog/imports/<uuid:import_id>/mapping/",
        imports.ImportMappingApi.as_view(),
        name="api-import-mapping",
    ),
    path("catalog/feeds/", feeds.RemoteFeedListApi.as_view(), name="api-feeds"),
    path("catalog/feeds/<int:feed_id>/", feeds.RemoteFeedApi.as_view(), name="api-feed"),
    path("catalog/feeds/<int:feed_id>/fetch/", feeds.RemoteFeedFetchApi.as_view(), name="api-feed-fetch"),
    path("catalog/products/", upserts.ProductBatchApi.as_view(), name="api-product-batch"),
    path("catalog/products/<path:sku>/", upserts.ProductUpsertApi.as_view(), name="api-product-upsert"),
    path(
        "catalog/imports/<uuid:import_id>/report/",
        imports.ImportReportApi.as_view(),
        name="api-import-report",
    ),
]
