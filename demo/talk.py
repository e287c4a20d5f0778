"""What is said in the demo's chat."""

from demo import goods

AUDIENCE_LINES = {
    goods.JACKET.name: (
        "재킷 색감 진짜 예쁘네요",
        "키 162인데 길이 괜찮을까요?",
        "안감도 따뜻한가요?",
        "작년에 샀는데 아직도 잘 입어요",
    ),
    goods.MUGS.name: (
        "머그 점무늬 너무 귀여워요",
        "식기세척기 돌려도 되나요?",
        "집들이 선물로 딱이에요",
        "초록색만 두 개도 되나요?",
    ),
    goods.HONEY.name: (
        "이 꿀 향이 정말 좋아요",
        "요거트에 넣어 먹으면 최고예요",
        "부모님 선물로 하나 더 담았어요",
        "유통기한은 언제까지예요?",
    ),
    goods.HEADPHONES.name: (
        "헤드폰 무게가 얼마나 돼요?",
        "노이즈 캔슬링 지하철에서도 잘 되나요?",
        "이 가격이면 바로 사야죠",
        "두 기기 연결 되는 게 좋네요",
    ),
    goods.LIPSTICK.name: (
        "로즈우드 색 실물이 더 예뻐요",
        "건조하지 않아서 겨울에 좋더라고요",
        "쿨톤도 어울릴까요?",
        "친구 생일 선물로 샀어요",
    ),
}
"""While the product of that name is pinned."""

GREETINGS = (
    "안녕하세요!",
    "오늘도 반가워요",
    "퇴근길에 보고 있어요",
    "화면 너무 예뻐요",
    "오늘 배송 출발하나요?",
)


def introduce(product: str) -> str:
    """What the seller says when a product is pinned."""
    return f"이번에는 ‘{product}’ 보여 드릴게요. 궁금한 점은 채팅으로 물어봐 주세요!"
