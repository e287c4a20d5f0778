"""Where a checkout goes and how its buyer is reached: what is known already, and forms for what is not."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.addresses import AddressBookFull, save_address
from accounts.models import Address
from orders.addressing import set_address
from orders.checkout.actions import set_email
from orders.checkout.forms import AddressForm, GuestForm
from orders.models import Checkout, ShippingAddress

PAY_FORM = "pay-form"
"""The page's form for what is paid: its fields stand apart from it, as coupons have forms of their own between."""


class Delivery:
    """`data` is what was posted with the button that pays; None to show the page."""

    def __init__(self, checkout: Checkout, data: QueryDict | None = None) -> None:
        self.checkout = checkout
        self.is_sent = checkout.needs_address
        self.address_form = AddressForm(data) if self.is_sent and not checkout.ship_address else None
        self.guest_form = GuestForm(data) if checkout.buyer_id is None and not checkout.email else None
        for form in self._forms:
            for field in form.fields.values():
                field.widget.attrs["form"] = PAY_FORM

    @property
    def _forms(self) -> list[forms.Form]:
        return [form for form in (self.address_form, self.guest_form) if form]

    def is_valid(self) -> bool:
        answers = [form.is_valid() for form in self._forms]  # each of them says what is missing
        return all(answers)

    def save(self) -> None:
        """Note what was asked for and answered. Raises HoldOver."""
        if self.guest_form:
            set_email(self.checkout.pk, self.guest_form.cleaned_data["email"])
        if self.address_form:
            send_to(self.checkout, self.address_form)


def send_to(checkout: Checkout, form: AddressForm) -> None:
    """Send a checkout to a valid form's address, which joins the member's book if wished. Raises HoldOver."""
    set_address(checkout.pk, form.address)
    if form.cleaned_data["keep"] and checkout.buyer is not None:
        _keep(checkout, form.address)


def _keep(checkout: Checkout, address: ShippingAddress) -> None:
    places = {
        "postcode": address.ship_postcode,
        "address": address.ship_address,
        "address_detail": address.ship_address_detail,
    }
    person = {"name": address.ship_name, "phone": address.ship_phone}
    if Address.objects.filter(member=checkout.buyer_id, **places, **person).exists():
        return
    try:
        save_address(Address(member=checkout.buyer, label=_("새 배송지"), **places, **person))
    except AddressBookFull:  # the order goes there all the same
        return
