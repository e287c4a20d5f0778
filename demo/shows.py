"""The demo's shows: who presents what under which title."""

from dataclasses import dataclass

from demo import goods
from demo.goods import Item
from demo.people import CAMPER, MAKER, SELLER, Person


@dataclass(frozen=True, kw_only=True)
class Show:
    """A broadcast of the demo and its line-up in order."""

    seller: Person
    title: str
    items: tuple[Item, ...]


ON_AIR = Show(
    seller=SELLER,
    title="포근한 겨울 준비, 오늘만 이 가격",
    items=(goods.JACKET, goods.MUGS, goods.HONEY, goods.HEADPHONES, goods.LIPSTICK),
)
REPLAY = Show(
    seller=CAMPER,
    title="불멍하기 좋은 밤, 감성 캠핑 살림",
    items=(goods.LANTERN, goods.KETTLE, goods.TENT),
)
UPCOMING = (
    Show(seller=CAMPER, title="첫 캠핑, 이것만 챙기세요", items=(goods.TENT, goods.LANTERN, goods.KETTLE)),
    Show(seller=MAKER, title="아이랑 집에서 노는 날", items=(goods.BLOCKS, goods.BEAR)),
    Show(seller=MAKER, title="겨울밤, 처음 시작하는 뜨개", items=(goods.YARN,)),
)
EVERY = (ON_AIR, REPLAY, *UPCOMING)
