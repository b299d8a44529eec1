from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
def product(request: HttpRequest, product_id: int, slug: str) -> HttpResponse: return render(request, "product.html")
def how(request: HttpRequest) -> HttpResponse: return render(request, "how.html")
