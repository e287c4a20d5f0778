"""The tables of buying and selling, a file for each subject."""

from orders.models.ads import Ad, AdDay
from orders.models.cart import MAX_LINES, MAX_QUANTITY, Cart, CartLine
from orders.models.checkout import Checkout, ShippingAddress
from orders.models.claims import Claim, ClaimLine, Dispute, DisputeMessage
from orders.models.deals import CommissionRate, Coupon, CouponClaim, DealAllowance, FlashDeal, Waiting
from orders.models.hand_over import Meeting, Offer, OfferStep
from orders.models.ledger import Settlement, Transfer
from orders.models.order import Evidence, Order, OrderLine, OrderLog, new_order_code
from orders.models.payment import (
    Payment,
    PaymentNotice,
    Refund,
    RefundLine,
    SandboxPayment,
    SandboxRefund,
)
from orders.models.tip import Tip

__all__ = [
    "MAX_LINES",
    "MAX_QUANTITY",
    "Ad",
    "AdDay",
    "Cart",
    "CartLine",
    "Checkout",
    "Claim",
    "ClaimLine",
    "CommissionRate",
    "Coupon",
    "CouponClaim",
    "DealAllowance",
    "Dispute",
    "DisputeMessage",
    "Evidence",
    "FlashDeal",
    "Meeting",
    "Offer",
    "OfferStep",
    "Order",
    "OrderLine",
    "OrderLog",
    "Payment",
    "PaymentNotice",
    "Refund",
    "RefundLine",
    "SandboxPayment",
    "SandboxRefund",
    "Settlement",
    "ShippingAddress",
    "Tip",
    "Transfer",
    "Waiting",
    "new_order_code",
]
