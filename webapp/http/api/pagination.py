"""Pagination by a signed cursor. Any other cursor is refused before it reaches SQL."""

from __future__ import annotations

from django.core import signing
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param


class SignedCursorPagination(CursorPagination):
    """Rows by id."""

    ordering = "id"
    page_size = 48
    page_size_query_param = "page_size"
    max_page_size = 200

    def encode_cursor(self, cursor: Cursor) -> str:
        signed = self._signer.sign_object([cursor.offset, cursor.reverse, cursor.position])
        return replace_query_param(self.base_url or "", self.cursor_query_param, signed)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return the cursor. Raises ValidationError unless a list with this ordering issued it."""
        signed = request.query_params.get(self.cursor_query_param)
        if signed is None:
            return None
        try:
            return Cursor(*self._signer.unsign_object(signed))
        except signing.BadSignature as error:
            message = "not a cursor of this list; leave it out to start at the first page"
            raise ValidationError({self.cursor_query_param: message}) from error

    @property
    def _signer(self) -> signing.Signer:
        return signing.Signer(salt=f"cursor by {self.ordering}")


class NewestIdPagination(SignedCursorPagination):
    ordering = "-id"


class NewestFirstPagination(SignedCursorPagination):
    ordering = "-created_at"
