"""The demo's members. All sign in with one password."""

from dataclasses import dataclass

from accounts.models import User

PASSWORD = "onair-demo-2026"  # noqa: S105 printed on purpose, and only ever set where DEBUG is on


@dataclass(frozen=True, kw_only=True)
class Person:
    """A member of the demo."""

    username: str
    name: str
    nickname: str
    kind: User.Kind = User.Kind.PERSONAL
    is_staff: bool = False


SELLER = Person(username="demo-seller", name="김온유", nickname="온유의 하루", kind=User.Kind.BUSINESS)
CAMPER = Person(username="demo-camper", name="이산들", nickname="캠핑하는 곰", kind=User.Kind.BUSINESS)
MAKER = Person(username="demo-maker", name="박모아", nickname="모아공방")
BUYER = Person(username="demo-buyer", name="최하늘", nickname="하늘이")
STAFF = Person(username="demo-staff", name="정운영", nickname="라이브온 운영팀", is_staff=True)
AUDIENCE = (
    Person(username="demo-viewer-1", name="한봄", nickname="봄이네"),
    Person(username="demo-viewer-2", name="오라온", nickname="하루한잔"),
    Person(username="demo-viewer-3", name="윤슬", nickname="윤슬아빠"),
    Person(username="demo-viewer-4", name="서도담", nickname="도담도담"),
)
EVERYBODY = (SELLER, CAMPER, MAKER, BUYER, STAFF, *AUDIENCE)
FOLLOWED = {
    BUYER: (SELLER, CAMPER, MAKER),
    STAFF: (SELLER,),
    **dict.fromkeys(AUDIENCE[:3], (SELLER,)),
    AUDIENCE[3]: (SELLER, CAMPER),
}
"""Who follows whom."""
