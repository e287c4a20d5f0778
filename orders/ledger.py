"""Writing the books: each happening once, each row a whole double entry (`orders.models.Transfer`)."""

from orders.models import Order, Payment, Refund, Transfer
from orders.sharing import basis_points

Account, Kind = Transfer.Account, Transfer.Kind


def book_payment(payment: Payment, *, fee_basis_points: int) -> None:
    """A buyer paid: the provider owes it to us, we keep it for the buyer until the orders are confirmed."""
    rows = [
        Transfer(
            kind=Kind.PAYMENT,
            debit=Account.PROVIDER,
            credit=Account.HELD,
            amount=payment.paid,
            payment=payment,
            once=f"payment:{payment.ref}",
        )
    ]
    if fee := basis_points(payment.paid, fee_basis_points):
        rows.append(
            Transfer(
                kind=Kind.PAYMENT_FEE,
                debit=Account.FEES,
                credit=Account.PROVIDER,
                amount=fee,
                payment=payment,
                once=f"fee:{payment.ref}",
            )
        )
    Transfer.objects.bulk_create(rows)


def book_stray(payment: Payment) -> None:
    """Money came that no order may take; a refund follows."""
    Transfer.objects.create(
        kind=Kind.STRAY,
        debit=Account.PROVIDER,
        credit=Account.HELD,
        amount=payment.paid,
        payment=payment,
        once=f"payment:{payment.ref}",
    )


def book_refund(refund: Refund) -> None:
    """The provider gave money back to the buyer; what was kept for the buyer shrinks."""
    Transfer.objects.create(
        kind=Kind.REFUND,
        debit=Account.HELD,
        credit=Account.PROVIDER,
        amount=refund.amount,
        payment=refund.payment,
        order=refund.order,
        refund=refund,
        once=f"refund:{refund.key}",
    )


def held_for(order: Order) -> int:
    """Return the won of an order that are still kept for its buyer (0 once it is confirmed or refunded whole)."""
    return order.total - order.refunded if order.confirmed_at is None else 0
