"""Why a message is not taken. `code` is for the browser, `message` for the person."""

from django.utils.translation import gettext as _

from common.errors import DomainError


class Refusal(DomainError):
    """The root of them; trying again makes sense after `retry_ms`, or never when it is 0."""

    code = "refused"
    retry_ms = 0


class SignInFirst(Refusal):
    code = "sign_in"

    def __init__(self) -> None:
        super().__init__(_("로그인하면 채팅할 수 있어요."))


class ChatClosed(Refusal):
    code = "closed"

    def __init__(self) -> None:
        super().__init__(_("채팅이 끝난 방송이에요."))


class EmptyText(Refusal):
    code = "empty"

    def __init__(self) -> None:
        super().__init__(_("메시지를 입력해 주세요."))


class TextTooLong(Refusal):
    code = "length"

    def __init__(self, most: int) -> None:
        super().__init__(_("메시지는 %(most)d자까지 쓸 수 있어요.") % {"most": most})


class TooFast(Refusal):
    code = "rate"

    def __init__(self, retry_ms: int) -> None:
        super().__init__(_("조금 천천히 보내 주세요. 잠시 뒤에 다시 보낼 수 있어요."))
        self.retry_ms = retry_ms


class SlowedDown(Refusal):
    code = "slow"

    def __init__(self, seconds: int, retry_ms: int) -> None:
        super().__init__(_("지금은 %(seconds)d초에 한 번 보낼 수 있어요.") % {"seconds": seconds})
        self.retry_ms = retry_ms


class RoomBusy(Refusal):
    code = "busy"

    def __init__(self, retry_ms: int) -> None:
        super().__init__(_("지금 채팅이 몰리고 있어요. 잠시 뒤에 다시 보내 주세요."))
        self.retry_ms = retry_ms


class Repeated(Refusal):
    code = "repeated"

    def __init__(self) -> None:
        super().__init__(_("같은 말을 여러 번 보냈어요. 다른 말로 보내 주세요."))


class SaidByMany(Refusal):
    code = "said_by_many"

    def __init__(self) -> None:
        super().__init__(_("여러 사람이 같은 글을 올리고 있어서 보내지 못했어요. 다른 말로 보내 주세요."))


class Frozen(Refusal):
    code = "frozen"

    def __init__(self) -> None:
        super().__init__(_("판매자가 채팅을 잠시 멈췄어요. 다시 열리면 보낼 수 있어요."))


class TimedOut(Refusal):
    code = "timeout"

    def __init__(self, retry_ms: int) -> None:
        super().__init__(_("채팅이 잠시 정지됐어요. 정지가 풀리면 다시 쓸 수 있어요."))
        self.retry_ms = retry_ms


class Banned(Refusal):
    code = "banned"

    def __init__(self) -> None:
        super().__init__(_("이 판매자의 방송에서는 채팅할 수 없어요."))


class WordBlocked(Refusal):
    code = "word"

    def __init__(self) -> None:
        super().__init__(_("쓸 수 없는 말이 들어 있어요. 바꿔서 보내 주세요."))


class LinkBlocked(Refusal):
    code = "link"

    def __init__(self) -> None:
        super().__init__(_("이 채팅에는 링크를 올릴 수 없어요. 링크를 빼고 보내 주세요."))


class AccountTooNew(Refusal):
    code = "new_account"

    def __init__(self, minutes: int, retry_ms: int) -> None:
        super().__init__(_("가입하고 %(minutes)d분이 지나면 채팅할 수 있어요.") % {"minutes": minutes})
        self.retry_ms = retry_ms
