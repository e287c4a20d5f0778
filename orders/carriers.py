"""The carriers that Korean sellers send with, and where each shows how far a parcel is.

The addresses are those of the carriers' own public tracking pages.
"""

import re
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.errors import DomainError


@dataclass(frozen=True, kw_only=True)
class Carrier:
    name: str | Promise
    address: str
    """Of the tracking page; "{number}" is the parcel's number."""
    digits: tuple[int, int]
    """The fewest and the most digits of a number."""


CARRIERS = {
    "cj": Carrier(
        name=gettext_lazy("CJ대한통운"),
        address="https://trace.cjlogistics.com/next/tracking.html?wblNo={number}",
        digits=(10, 12),
    ),
    "hanjin": Carrier(
        name=gettext_lazy("한진택배"),
        address="https://www.hanjin.com/kor/CMS/DeliveryMgr/WaybillResult.do?mCode=MN038&schLang=KR&wblnumText2={number}",
        digits=(10, 14),
    ),
    "lotte": Carrier(
        name=gettext_lazy("롯데택배"),
        address="https://www.lotteglogis.com/home/reservation/tracking/linkView?InvNo={number}",
        digits=(10, 13),
    ),
    "logen": Carrier(
        name=gettext_lazy("로젠택배"),
        address="https://www.ilogen.com/web/personal/trace/{number}",
        digits=(10, 11),
    ),
    "post": Carrier(
        name=gettext_lazy("우체국택배"),
        address="https://service.epost.go.kr/trace.RetrieveDomRigiTraceList.comm?sid1={number}",
        digits=(13, 13),
    ),
    "kyungdong": Carrier(
        name=gettext_lazy("경동택배"),
        address="https://kdexp.com/deliverySearch?barcode={number}",
        digits=(8, 16),
    ),
    "daesin": Carrier(
        name=gettext_lazy("대신택배"),
        address="https://www.ds3211.co.kr/freight/internalFreightSearch.ht?billno={number}",
        digits=(10, 13),
    ),
    "cu": Carrier(
        name=gettext_lazy("CU 편의점택배"),
        address="https://www.cupost.co.kr/postbox/delivery/localResult.cupost?invoice_no={number}",
        digits=(10, 12),
    ),
    "gs25": Carrier(
        name=gettext_lazy("GS25 편의점택배"),
        address="https://www.cvsnet.co.kr/invoice/tracking.do?invoice_no={number}",
        digits=(10, 12),
    ),
}
CHOICES = [(key, carrier.name) for key, carrier in CARRIERS.items()]


class WrongTracking(DomainError):
    """There is no such carrier, or the carrier gives out no such numbers."""

    code = "wrong_tracking"


def clean_tracking(carrier: str, number: str) -> str:
    """Return a parcel's number as bare digits. Raises WrongTracking."""
    if carrier not in CARRIERS:
        raise WrongTracking(_("택배사를 골라 주세요."))
    bare = re.sub(r"[\s-]", "", number)
    fewest, most = CARRIERS[carrier].digits
    if not re.fullmatch(r"[0-9]+", bare) or not fewest <= len(bare) <= most:
        raise WrongTracking(
            _("%(carrier)s 운송장 번호를 다시 확인해 주세요.") % {"carrier": CARRIERS[carrier].name}
        )
    return bare


def carrier_named(text: str) -> str:
    """Return the key of a carrier by its key or name, however it is spaced and cased; "" if there is none."""
    wanted = "".join(text.split()).lower()
    for key, carrier in CARRIERS.items():
        if wanted in (key, "".join(str(carrier.name).split()).lower()):
            return key
    return ""


def tracking_address(carrier: str, number: str) -> str:
    """Return the address of the carrier's page about a parcel, "" for a carrier we do not know."""
    return CARRIERS[carrier].address.replace("{number}", number) if carrier in CARRIERS else ""
