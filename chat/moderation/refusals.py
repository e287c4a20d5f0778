"""Why something about the order in a room is not done."""

from django.utils.translation import gettext as _

from common.errors import DomainError


class NoSuchMessage(DomainError):
    code = "no_message"

    def __init__(self) -> None:
        super().__init__(_("메시지를 찾을 수 없어요. 화면을 새로 고쳐 주세요."))


class NoSuchMember(DomainError):
    code = "no_member"

    def __init__(self) -> None:
        super().__init__(_("그런 회원이 없어요. 닉네임이나 아이디를 다시 확인해 주세요."))


class NotAllowed(DomainError):
    """A moderator may not turn against the seller, another moderator or themselves; nobody against oneself."""

    code = "not_allowed"

    def __init__(self) -> None:
        super().__init__(_("판매자와 매니저에게는 할 수 없어요."))


class BadSetting(DomainError):
    code = "bad_setting"

    def __init__(self) -> None:
        super().__init__(_("고를 수 없는 값이에요. 화면을 새로 고쳐 주세요."))


class BadWord(DomainError):
    code = "bad_word"

    def __init__(self) -> None:
        super().__init__(_("서로 다른 글자가 두 개 이상인 단어를 적어 주세요."))


class TooLong(DomainError):
    code = "too_long"

    def __init__(self, most: int) -> None:
        super().__init__(_("%(most)d자까지 적을 수 있어요.") % {"most": most})


class TooMany(DomainError):
    code = "too_many"

    def __init__(self, most: int) -> None:
        super().__init__(_("%(most)d개까지 둘 수 있어요. 쓰지 않는 것을 빼 주세요.") % {"most": most})
