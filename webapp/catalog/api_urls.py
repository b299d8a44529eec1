from django.urls import path

from webapp.catalog import apis

urlpatterns = [
    path("products/", apis.ProductListApi.as_view(), name="api-products"),
    path("products/<int:product_id>/", apis.ProductApi.as_view(), name="api-product"),
    path("categories/", apis.CategoryListApi.as_view(), name="api-categories"),
    path("catalog/imports/", apis.ImportListApi.as_view(), name="api-imports"),
    path("catalog/imports/<uuid:import_id>/", apis.ImportApi.as_view(), name="api-import"),
    path(
        "catalog/imports/<uuid:import_id>/report/", apis.ImportReportApi.as_view(), name="api-import-report"
    ),
]
