"""Why a camera is not, or no longer, taken. `code` is for the browser, `message` for the seller."""

from django.utils.translation import gettext as _

from common.errors import DomainError


class CameraRefused(DomainError):
    """The root of them: `close_code` ends the socket; with `retry` the page tries again by itself."""

    code = "refused"
    close_code = 4003
    retry = False

    def __init__(self, message: str = "") -> None:
        super().__init__(
            message or _("방송 서버가 영상을 받지 않았어요. 아래에 나오는 신호 상태를 확인해 주세요.")
        )


class SignInFirst(CameraRefused):
    code, close_code = "sign_in", 4401

    def __init__(self) -> None:
        super().__init__(_("로그인이 풀렸어요. 다시 로그인해 주세요."))


class ChannelNotReady(CameraRefused):
    code, close_code = "channel_not_ready", 4004

    def __init__(self) -> None:
        super().__init__(_("채널이 아직 준비되지 않았어요. 잠시 뒤에 다시 시도해 주세요."))


class AlreadyPublishing(CameraRefused):
    code, close_code = "already_publishing", 4009

    def __init__(self) -> None:
        super().__init__(_("다른 곳에서 이미 이 채널로 송출하고 있어요. 그쪽 송출을 먼저 꺼 주세요."))


class TakenOver(CameraRefused):
    code, close_code = "taken_over", 4010

    def __init__(self) -> None:
        super().__init__(_("다른 창에서 카메라를 켜서 여기서는 껐어요."))


class UnknownFormat(CameraRefused):
    code, close_code = "unknown_format", 4015

    def __init__(self) -> None:
        super().__init__(
            _("이 브라우저가 만드는 영상은 받을 수 없어요. 크롬이나 사파리의 최신 버전으로 열어 주세요.")
        )


class TooFast(CameraRefused):
    code, close_code = "too_fast", 4029

    def __init__(self) -> None:
        super().__init__(_("보내는 영상이 너무 커요. 화질을 낮춰서 다시 켜 주세요."))


class NoPlaceLeft(CameraRefused):
    code, close_code, retry = "no_place", 4013, True

    def __init__(self) -> None:
        super().__init__(_("지금은 카메라 방송이 가득 찼어요. 자리가 나면 바로 연결할게요."))


class Unreadable(CameraRefused):
    code, close_code, retry = "unreadable", 4022, True

    def __init__(self) -> None:
        super().__init__(_("보낸 영상을 읽지 못했어요. 다시 연결하고 있어요."))


class ServerAway(CameraRefused):
    code, close_code, retry = "server_away", 4503, True

    def __init__(self) -> None:
        super().__init__(_("방송 서버와 연결이 끊겼어요. 다시 연결하고 있어요."))


class NothingCame(CameraRefused):
    code, close_code, retry = "nothing_came", 4408, True

    def __init__(self) -> None:
        super().__init__(_("카메라 영상이 오지 않아요. 다시 연결하고 있어요."))
