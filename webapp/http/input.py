"""Checks that apply to every request, made once, before any view and any other middleware."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.http.problems import FieldError, is_api, problem, problem_response_of, value_was_refused
from webapp.input.forms import form_check, pairs_check
from webapp.input.text import BIGGEST_INTEGER, InputError

log = structlog.get_logger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
MAX_PATH = 2000  # characters


class InputMiddleware:
    """Checks path, query string, headers, cookies, and numbers in the path; for pages also the form."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            _request_check(request)
        except InputError as error:
            return _refused(request, error)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> HttpResponse | None:
        """Check that numbers in the path fit the database, and that a page's form contains storable text.

        The API reads its forms itself, after it has counted the request (`http.api.parsers.BoundedMultiPartParser`).
        """
        if any(isinstance(value, int) and value > BIGGEST_INTEGER for value in kwargs.values()):
            raise Http404
        if request.method == "POST" and not is_api(request):
            try:
                form_check(request.POST, request.FILES)
            except InputError as error:
                return _refused(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer 400 if the database refused a page's value, such as an admin filter beyond a column's range."""
        if not value_was_refused(error):
            return None
        log.warning("value_refused_by_database", error=str(error))
        return _refused(request, InputError("request", "a value is out of range"))


def _request_check(request: HttpRequest) -> None:
    """Raise InputError naming what is wrong, or Http404 for a path that cannot exist.

    For a valid request this costs one scan of the raw text.
    """
    if "\0" in request.path_info or len(request.path_info) > MAX_PATH:
        raise Http404
    query = request.META.get("QUERY_STRING", "")
    if "%00" in query or "\0" in query:
        pairs_check(parse_qsl(query, keep_blank_values=True))
    for name, value in request.META.items():
        if name.startswith("HTTP_") and isinstance(value, str) and "\0" in value:
            raise InputError(name[5:].replace("_", "-").title(), "the character U+0000 is not allowed")
    if "\\0" in request.META.get("HTTP_COOKIE", ""):  # how a quoted cookie spells it
        kept = {name: value for name, value in request.COOKIES.items() if "\0" not in value}
        request.COOKIES = kept


def _refused(request: HttpRequest, error: InputError) -> HttpResponse:
    if is_api(request):
        reason = FieldError(field=error.field, message=error.message)
        return problem_response_of(problem(400, str(error), [reason]))
    return render(request, "400.html", {"reason": str(error)}, status=400)
