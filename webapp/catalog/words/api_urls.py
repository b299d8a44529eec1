from django.urls import path

from webapp.catalog.words import apis

urlpatterns = [
    path("catalog/words/names/", apis.WordsNameListApi.as_view(), name="api-words-names"),
    path("catalog/words/categories/", apis.WordsCategoryListApi.as_view(), name="api-words-categories"),
    path(
        "catalog/words/categories/<str:slug>/products/",
        apis.WordsProductListApi.as_view(),
        name="api-words-products",
    ),
    path(
        "catalog/words/categories/<str:slug>/correct/",
        apis.WordsCategoryCorrectionApi.as_view(),
        name="api-words-category-correct",
    ),
    path(
        "catalog/words/categories/<str:slug>/reset/",
        apis.WordsCategoryResetApi.as_view(),
        name="api-words-category-reset",
    ),
    path(
        "catalog/words/products/<int:product_id>/correct/",
        apis.WordsProductCorrectionApi.as_view(),
        name="api-words-product-correct",
    ),
    path(
        "catalog/words/products/<int:product_id>/reset/",
        apis.WordsProductResetApi.as_view(),
        name="api-words-product-reset",
    ),
]
