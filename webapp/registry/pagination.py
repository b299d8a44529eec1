"""Pagination of the registry's lists: numbered pages, because operators jump between them and need the total."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class RegistryPagination(PageNumberPagination):
    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
