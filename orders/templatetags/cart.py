from django import template
from django.template.context import Context

from orders.cart.count import count_in_cart

register = template.Library()


@register.simple_tag(takes_context=True)
def cart_count(context: Context) -> int:
    """How many different things are in the cart of who looks at the page; 0 on a page without a request."""
    request = context.get("request")
    return count_in_cart(request) if request is not None and hasattr(request, "user") else 0
