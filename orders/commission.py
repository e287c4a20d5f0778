"""What the platform keeps of a sale. Rates are in basis points (hundredths of a per cent), VAT included.

VAT is not modelled: prices, commission and fees are the full amounts; invoices are made outside.
"""

from django.conf import settings

from catalog.models import Category
from orders.models import CommissionRate


def rate_for(seller_id: int, category: Category) -> int:
    """Return the most particular rate: the seller's own, the category's, the nearest parent's, else the site's."""
    own = _points(seller=seller_id)
    node: Category | None = category
    while own is None and node is not None:
        own = _points(category=node.pk)
        node = node.parent
    return settings.COMMISSION_BASIS_POINTS if own is None else own


def rate_for_tips(seller_id: int) -> int:
    """Return the seller's own rate, else the site's: a tip belongs to no category."""
    own = _points(seller=seller_id)
    return settings.COMMISSION_BASIS_POINTS if own is None else own


def _points(**whose: int) -> int | None:
    return CommissionRate.objects.filter(**whose).values_list("basis_points", flat=True).first()
