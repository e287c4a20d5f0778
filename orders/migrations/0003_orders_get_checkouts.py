"""Every order gets the checkout it was, with its payments; lines name the variant; opening stock counts what was sold."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F, Sum

STATUS = {"pending": "open"}
ADDRESS = ["ship_name", "ship_phone", "ship_postcode", "ship_address", "ship_address_detail"]


def give_checkouts(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    orders = apps.get_model("orders", "Order").objects.using(alias)
    checkouts = apps.get_model("orders", "Checkout").objects.using(alias)
    payments = apps.get_model("orders", "Payment").objects.using(alias)
    refunds = apps.get_model("orders", "Refund").objects.using(alias)
    lines = apps.get_model("orders", "OrderLine").objects.using(alias)
    variants = apps.get_model("catalog", "Variant").objects.using(alias)

    for order in orders.filter(checkout=None).iterator(chunk_size=500):
        checkout = checkouts.create(
            buyer_id=order.buyer_id,
            status=STATUS.get(order.status, order.status),
            idempotency_key=order.idempotency_key,
            goods=order.total,
            total=order.total,
            agreed_at=order.created_at,
            expires_at=order.expires_at,
            closed_at=order.paid_at or order.closed_at,
            **{name: getattr(order, name) for name in ADDRESS},
        )
        checkouts.filter(pk=checkout.pk).update(created_at=order.created_at)
        orders.filter(pk=order.pk).update(checkout=checkout, goods=order.total)
        payments.filter(order=order).update(checkout=checkout)
    orders.filter(status="pending").update(status="placed")

    for payment in payments.filter(status__in=["refunding", "refunded"]):
        done = payment.status == "refunded"
        refunds.create(
            payment=payment,
            amount=payment.amount,
            reason="받을 수 없는 결제",
            status="done" if done else "asked",
            done_at=payment.refunded_at,
        )
    payments.filter(status__in=["refunding", "refunded"]).update(status="stray", paid=F("amount"))
    payments.filter(status="confirmed").update(paid=F("amount"))
    transfers = apps.get_model("orders", "Transfer").objects.using(alias)
    for payment in payments.filter(paid__gt=0).iterator(chunk_size=500):
        transfers.create(
            kind="payment" if payment.status == "confirmed" else "stray",
            debit="provider",
            credit="held",
            amount=payment.paid,
            payment=payment,
            once=f"payment:{payment.ref}",
        )
    for refund in refunds.filter(status="done").select_related("payment"):
        transfers.create(
            kind="refund",
            debit="held",
            credit="provider",
            amount=refund.amount,
            payment=refund.payment,
            refund=refund,
            once=f"refund:{refund.key}",
        )

    variant_of = dict(variants.values_list("product_id", "pk"))
    for line in lines.filter(variant=None).iterator(chunk_size=500):
        lines.filter(pk=line.pk).update(variant=variant_of[line.product_id], regular_price=line.unit_price)

    movements = apps.get_model("catalog", "StockMovement").objects.using(alias)
    kept = (
        lines.filter(order__status__in=["placed", "paid"]).values("variant").annotate(pieces=Sum("quantity"))
    )
    for row in kept:
        opening, _made = movements.get_or_create(
            variant_id=row["variant"], kind="opening", defaults={"quantity": row["pieces"]}
        )
        if not _made:
            opening.quantity += row["pieces"]
            opening.save()


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_checkouts"),
    ]

    operations = [
        migrations.RunPython(give_checkouts, migrations.RunPython.noop),
    ]
