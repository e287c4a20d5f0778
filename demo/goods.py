"""What the demo sellers sell."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from demo.drawing.backdrop import Palette, draw_arch, draw_pedestal, draw_sun, draw_wall
from demo.drawing.food import draw_honey
from demo.drawing.living import draw_kettle, draw_mugs
from demo.drawing.outdoors import draw_lantern, draw_tent
from demo.drawing.outlines import Point
from demo.drawing.play import draw_bear, draw_blocks, draw_yarn
from demo.drawing.sheet import Sheet
from demo.drawing.wearing import draw_headphones, draw_jacket, draw_lipstick

PICTURE_PIXELS = 800
_PICTURE_UNITS = 800.0

_SAND = Palette("#fdf6ea", "#efe0c9", "#dcc6a6", "#977a56")
_SAGE = Palette("#f4f6ee", "#dfe6d8", "#c3cfba", "#7c8d76")
_HONEY = Palette("#fff8e2", "#f9e6b3", "#efce80", "#a87b2f")
_LILAC = Palette("#f5f2fb", "#e0daf0", "#c3b9df", "#71679a")
_ROSE = Palette("#fdf1ee", "#f3d9d4", "#e3bab5", "#a3716f")
_SKY = Palette("#f1f5fb", "#d9e3f0", "#b9c9de", "#667a97")
_MINT = Palette("#f0faf6", "#cfe9df", "#a8d3c4", "#56877a")
_DUSK = Palette("#8d9cb3", "#56688a", "#33425f", "#141d33", ink="#fdf6e6")

Draw = Callable[[Sheet, Palette], None]


@dataclass(frozen=True, kw_only=True)
class Item:
    """A product of the demo; `category` is a slug, `price` and `shipping_fee` are whole won.

    `deal` and `condition` are values of Product's. `stock` is divided between the `colours`, if there are any.
    """

    name: str
    category: str
    price: int
    stock: int
    description: str
    draw: Draw
    palette: Palette
    niche: Draw | None = None
    colours: tuple[str, ...] = ()
    shipping_fee: int = 0
    deal: str = "retail"
    condition: str = ""
    place: str = ""

    def picture(self) -> Image.Image:
        """The product's picture for the shop."""
        sheet = self.painted(_PICTURE_UNITS, scale=2 * PICTURE_PIXELS / _PICTURE_UNITS)
        return sheet.finished(PICTURE_PIXELS, PICTURE_PIXELS)

    def painted(self, height: float, *, scale: float, origin: Point = (0, 0)) -> Sheet:
        """The product in its place on a sheet 800 units wide and `height` units high."""
        sheet = Sheet(_PICTURE_UNITS, height, scale=scale, origin=origin)
        draw_wall(sheet, self.palette)
        if self.niche:
            self.niche(sheet, self.palette)
        draw_pedestal(sheet, self.palette)
        self.draw(sheet, self.palette)
        return sheet


JACKET = Item(
    name="포근 울 블렌드 재킷",
    category="fashion",
    price=89_000,
    stock=24,
    description=(
        "캐시미어를 10% 더해 가볍고 따뜻한 겨울 재킷이에요.\n"
        "어깨선이 자연스럽게 떨어져 티셔츠 위에도, 니트 위에도 잘 어울려요.\n\n"
        "소재: 울 60%, 폴리에스터 30%, 캐시미어 10%\n사이즈: 55–77 (정사이즈)\n세탁: 드라이클리닝"
    ),
    draw=draw_jacket,
    palette=_SAND,
    niche=draw_arch,
)
MUGS = Item(
    name="손으로 빚은 머그 2개 세트",
    category="living",
    price=28_000,
    stock=40,
    description=(
        "이천의 작은 가마에서 하나씩 빚어 구운 머그예요. 유약이 흐른 자리와 점무늬가 모두 조금씩 달라요.\n\n"
        "용량: 350ml\n전자레인지와 식기세척기를 쓸 수 있어요."
    ),
    draw=draw_mugs,
    palette=_SAGE,
    niche=draw_arch,
)
HONEY = Item(
    name="지리산 야생화 꿀 500g",
    category="food",
    price=24_900,
    stock=60,
    description=(
        "해발 700m에서 여름에 딱 한 번 거둔 숙성 꿀이에요. 가열하지 않고 걸러 향이 그대로 살아 있어요.\n\n"
        "내용량: 500g\n보관: 직사광선을 피해 실온에 두세요.\n12개월 미만 아기에게는 먹이지 마세요."
    ),
    draw=draw_honey,
    palette=_HONEY,
    niche=draw_arch,
)
HEADPHONES = Item(
    name="고요 무선 헤드폰",
    category="digital",
    price=129_000,
    stock=15,
    description=(
        "주변 소리를 줄여 주는 노이즈 캔슬링 헤드폰이에요. 248g이라 오래 써도 편안해요.\n\n"
        "재생 시간: 최대 40시간\n블루투스 5.4, 두 기기 동시 연결\n보증: 1년"
    ),
    draw=draw_headphones,
    palette=_LILAC,
    niche=draw_sun,
)
LIPSTICK = Item(
    name="벨벳 립스틱 로즈우드",
    category="beauty",
    price=19_800,
    stock=80,
    description=(
        "한 번만 발라도 또렷하고, 종일 건조하지 않은 벨벳 제형이에요. 차분한 장밋빛이라 누구에게나 어울려요.\n\n"
        "용량: 3.4g\n동물 실험을 하지 않아요."
    ),
    draw=draw_lipstick,
    palette=_ROSE,
    niche=draw_sun,
)
TENT = Item(
    name="숲속 돔 텐트 3인용",
    category="sports",
    price=189_000,
    stock=12,
    description=(
        "혼자서도 5분이면 치는 3인용 텐트예요. 방수 원단과 넓은 앞문으로 비 오는 밤에도 아늑해요.\n\n"
        "크기: 210×210×130cm\n무게: 3.2kg"
    ),
    draw=draw_tent,
    palette=_SKY,
    niche=draw_sun,
    colours=("숲 초록", "모래", "밤하늘"),
    shipping_fee=3_500,
)
LANTERN = Item(
    name="불멍 감성 랜턴",
    category="sports",
    price=39_000,
    stock=35,
    description="진짜 불꽃처럼 일렁이는 충전식 LED 랜턴이에요.\n\n사용 시간: 12–60시간\n생활 방수 IPX4",
    draw=draw_lantern,
    palette=_DUSK,
)
KETTLE = Item(
    name="빨강 법랑 주전자 1.6L",
    category="living",
    price=45_000,
    stock=20,
    description="인덕션과 모닥불에 모두 올릴 수 있는 법랑 주전자예요.\n\n용량: 1.6L\n손잡이: 너도밤나무",
    draw=draw_kettle,
    palette=_SAND,
    niche=draw_sun,
    shipping_fee=3_500,
)
BLOCKS = Item(
    name="원목 블록 성 쌓기",
    category="kids",
    price=32_000,
    stock=30,
    description="모서리를 둥글게 깎고 물감으로 곱게 칠한 자작나무 블록이에요.\n\n구성: 24조각\n사용 나이: 만 3세부터",
    draw=draw_blocks,
    palette=_SKY,
    niche=draw_sun,
    deal="second_hand",
    condition="like_new",
    place="마포구 합정동",
    shipping_fee=3_000,
)
BEAR = Item(
    name="목도리 두른 곰인형",
    category="kids",
    price=26_000,
    stock=45,
    description="꼭 안기 좋은 35cm 곰인형이에요. 목도리는 풀어서 따로 빨 수 있어요.\n\n소재: 면, 폴리에스터 솜",
    draw=draw_bear,
    palette=_MINT,
    niche=draw_arch,
    deal="direct",
    condition="good",
    place="합정역 2번 출구",
)
YARN = Item(
    name="처음 뜨개 실 3색 세트",
    category="hobby",
    price=18_000,
    stock=50,
    description="목도리 하나를 뜰 만큼 담은 메리노 울 실과 대나무 바늘이에요. 그림 설명서도 함께 드려요.",
    draw=draw_yarn,
    palette=_ROSE,
    niche=draw_arch,
)
