"""REST API of search: a sketch, image or product in, ranked products out; shared and example sketches."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from webapp.catalog.models import Product
from webapp.http.api.parsers import BoundedMultiPartParser
from webapp.http.api.quick_json import QuickJSONRenderer
from webapp.http.api.schema import ProblemSerializer
from webapp.http.client_address import client_address, limited_address
from webapp.http.limits.budget import ChargedAPIView
from webapp.http.problems import CONTENT_TYPE
from webapp.search import serializers as s
from webapp.search.answers import answer_sketch, identified
from webapp.search.examples import examples, invitation
from webapp.search.models import Share
from webapp.search.services import ready_release, search_image, search_similar
from webapp.search.shares.quota import share_note_opened
from webapp.search.shares.selectors import share_payload
from webapp.search.shares.services import share_create
from webapp.sites.access import ForSites, page_key

_K = OpenApiParameter("k", {"type": "integer", "minimum": 1, "maximum": s.MAX_RESULTS, "default": 20})
_UNAVAILABLE = {
    (503, CONTENT_TYPE): OpenApiResponse(ProblemSerializer, "no release is live yet, or all cores are busy")
}


class SearchApi(ForSites, ChargedAPIView):
    """Products that look like a sketch."""

    throttle_scope = "search"
    renderer_classes = [QuickJSONRenderer]

    @extend_schema(
        request=s.SearchRequestSerializer,
        responses={200: s.SearchResponseSerializer, **_UNAVAILABLE},
        operation_id="search",
    )
    def post(self, request: Request) -> Response:
        query = s.search_request(request.data)
        return Response(answer_sketch(address=limited_address(client_address(request)), **query))


class ImageSearchApi(ForSites, ChargedAPIView):
    """Products that look like a photo, or like the drawing in an image."""

    throttle_scope = "search_image"
    min_ms = 15.0  # another process does most of the work
    parser_classes = [BoundedMultiPartParser]
    renderer_classes = [QuickJSONRenderer]

    @extend_schema(
        request={"multipart/form-data": s.ImageSearchRequestSerializer},
        responses={200: s.ImageSearchResponseSerializer, **_UNAVAILABLE},
        operation_id="search_image",
    )
    def post(self, request: Request) -> Response:
        serializer = s.ImageSearchRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        address = limited_address(client_address(request))
        params = dict(serializer.validated_data)
        visit = params.pop("visit")
        answer = search_image(live=ready_release(), address=address, **params)
        return Response({**answer, **identified(answer, visit=visit)})


class SimilarApi(ForSites):
    """Products that look like a product."""

    throttle_scope = "search"
    renderer_classes = [QuickJSONRenderer]

    @extend_schema(
        parameters=[_K],
        responses={200: s.SearchResponseSerializer, **_UNAVAILABLE},
        operation_id="products_similar",
    )
    def get(self, request: Request, product_id: int) -> Response:
        params = s.KSerializer(data=request.query_params.dict())
        params.is_valid(raise_exception=True)
        product = get_object_or_404(Product.objects.filter(active=True), pk=product_id)
        return Response(search_similar(product=product, live=ready_release(), **params.validated_data))


class ShareListApi(ChargedAPIView):
    """Links that replay a sketch."""

    throttle_scope = "search"

    @extend_schema(
        request=s.ShareRequestSerializer, responses={201: s.ShareSerializer}, operation_id="shares_create"
    )
    def post(self, request: Request) -> Response:
        serializer = s.ShareRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        share = share_create(address=limited_address(client_address(request)), **serializer.validated_data)
        return Response(_link(request, share), status=status.HTTP_201_CREATED)


class ShareApi(APIView):
    """One shared sketch."""

    @extend_schema(responses=s.SharedSketchSerializer, operation_id="shares_retrieve")
    def get(self, request: Request, share_id: str) -> Response:
        share = get_object_or_404(Share.objects.select_related("category"), pk=share_id)
        share_note_opened(share)
        return Response({**share_payload(share), **_link(request, share)})


class ExampleListApi(ForSites):
    """Sketches to try."""

    @extend_schema(responses=s.ExampleSerializer(many=True), operation_id="examples_list")
    def get(self, request: Request) -> Response:
        return Response(examples())


class EmbedApi(ForSites):
    """What an embedded search shows before anything is drawn. Its refusals say why, also to pages of other origins."""

    explains_refusals = True

    @extend_schema(
        parameters=[OpenApiParameter("key", str, required=True, description="the site's public key")],
        responses=s.EmbedSerializer,
        operation_id="embed_retrieve",
    )
    def get(self, request: Request) -> Response:
        if page_key(request._request) is None:
            raise ValidationError({"key": "missing; a site's public key is required"})
        return Response({"invitation": invitation(), "examples": examples()})


def _link(request: Request, share: Share) -> dict[str, str]:
    return {"id": share.pk, "url": request.build_absolute_uri(reverse("share", args=[share.pk]))}
