"""The pages of the address book."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import addresses
from accounts.forms import AddressForm
from accounts.models import Address
from accounts.requests import MemberRequest


@require_safe
@login_required
@never_cache
def address_list(request: MemberRequest) -> HttpResponse:
    book = addresses.address_book(request.user)
    return render(request, "accounts/addresses.html", {"addresses": book, "most": addresses.MAX_ADDRESSES})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def add_address(request: MemberRequest) -> HttpResponse:
    return _edit(request, Address(member=request.user, name=request.user.name, phone=request.user.phone))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def edit_address(request: MemberRequest, code: str) -> HttpResponse:
    return _edit(request, _own(request, code))


@require_POST
@login_required
def delete_address(request: MemberRequest, code: str) -> HttpResponse:
    _own(request, code).delete()
    messages.success(request, _("배송지를 지웠어요."))
    return redirect("accounts:addresses")


@require_POST
@login_required
def default_address(request: MemberRequest, code: str) -> HttpResponse:
    addresses.make_default(_own(request, code))
    return redirect("accounts:addresses")


def _own(request: MemberRequest, code: str) -> Address:
    return get_object_or_404(Address, member=request.user, code=code)


def _edit(request: MemberRequest, address: Address) -> HttpResponse:
    form = AddressForm(request.POST or None, instance=address)
    if request.method == "POST" and form.is_valid():
        try:
            addresses.save_address(form.save(commit=False))
        except addresses.AddressBookFull as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("배송지를 저장했어요."))
            return redirect("accounts:addresses")
    status = 422 if form.errors else 200
    return render(request, "accounts/address_form.html", {"form": form, "address": address}, status=status)
