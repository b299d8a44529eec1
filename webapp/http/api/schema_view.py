"""The API's schema over HTTP."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request


class SchemaApi(SpectacularAPIView):
    """The schema, rendered once per process, language and format, because that takes half a second."""

    _made: ClassVar[dict[tuple[str, str], bytes]] = {}

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        language = request.GET.get("lang") or get_language() or ""
        if language not in dict(settings.LANGUAGES):
            language = settings.LANGUAGE_CODE
        renderer = request.accepted_renderer
        key = language, renderer.media_type
        if key not in self._made:
            with translation.override(language):
                generator: Any = self.generator_class(urlconf=self.urlconf)
                schema = generator.get_schema(request=None, public=True)
                self._made[key] = force_bytes(renderer.render(schema, renderer_context={}))
        name = self._get_filename(request, None)  # type: ignore[no-untyped-call]
        headers = {"Content-Disposition": f'inline; filename="{name}"'}
        return HttpResponse(self._made[key], content_type=renderer.media_type, headers=headers)
