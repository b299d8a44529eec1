"""How the registry's lists come: numbered pages, since an operator leafs through them and counts."""

from __future__ import annotations

from rest_framework.pagination import PageNumberPagination


class RegistryPagination(PageNumberPagination):
    page_size = 25
    page_size_query_param = "page_size"
    max_page_size = 100
