"""The webhooks of the practice provider: signed and kept like any other's, without a line in between."""

import json

from orders.models import SandboxPayment
from orders.notices import keep_notice, settle_notice
from orders.payments.sandbox import SIGNATURE, sign

TIMES = {SandboxPayment.Choice.TWICE: 3}
"""How often the same notice comes, where that is not once."""


def tell(ref: str) -> None:
    """Tell the site what became of a payment. Raises ProviderError: then the site's sweep asks."""
    payment = SandboxPayment.objects.get(ref=ref)
    body = json.dumps({"id": f"{ref}-{payment.choice}", "type": "payment.changed", "ref": ref}).encode()
    for _ in range(TIMES.get(SandboxPayment.Choice(payment.choice), 1)):
        if notice := keep_notice("sandbox", {SIGNATURE: sign(body)}, body):
            settle_notice(notice.pk)
