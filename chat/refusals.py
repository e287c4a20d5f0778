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
