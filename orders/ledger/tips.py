"""Writing the books of tips: the seller's at once, since there is nothing to deliver or to send back."""

from orders.commission import rate_for_tips
from orders.models import Payment, Refund, Tip, Transfer
from orders.sharing import basis_points

Account, Kind = Transfer.Account, Transfer.Kind


def book_tip(payment: Payment) -> None:
    """A tip was paid: it is the seller's, less the platform's commission. Call it after `book_payment`."""
    seller_id = Tip.objects.values_list("seller_id", flat=True).get(pk=payment.checkout_id)
    rows = [
        Transfer(
            kind=Kind.TIP,
            debit=Account.HELD,
            credit=Account.SELLER,
            amount=payment.paid,
            seller_id=seller_id,
            payment=payment,
            once=f"tip:{payment.ref}",
        ),
        Transfer(
            kind=Kind.TIP_FEE,
            debit=Account.SELLER,
            credit=Account.COMMISSION,
            amount=basis_points(payment.paid, rate_for_tips(seller_id)),
            seller_id=seller_id,
            payment=payment,
            once=f"tip-fee:{payment.ref}",
        ),
    ]
    Transfer.objects.bulk_create(row for row in rows if row.amount)


def book_tip_owed(seller_id: int, refund: Refund) -> None:
    """A paid tip goes back: the seller gives it back, and gets the commission on it back.

    `book_refund` follows when the provider has paid.
    """
    payment = refund.payment
    fee = Transfer.objects.filter(payment=payment, kind=Kind.TIP_FEE).first()
    rows = [
        Transfer(
            kind=Kind.REFUND,
            debit=Account.SELLER,
            credit=Account.HELD,
            amount=refund.amount,
            seller_id=seller_id,
            payment=payment,
            refund=refund,
            once=f"owed:{refund.key}",
        ),
        Transfer(
            kind=Kind.TIP_FEE,
            debit=Account.COMMISSION,
            credit=Account.SELLER,
            amount=fee.amount if fee else 0,
            seller_id=seller_id,
            payment=payment,
            refund=refund,
            once=f"tip-fee-back:{refund.key}",
        ),
    ]
    Transfer.objects.bulk_create(row for row in rows if row.amount)
