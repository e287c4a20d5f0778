"""Why a question is not taken."""

from django.utils.translation import gettext as _

from chat.refusals import Refusal


class QuestionsClosed(Refusal):
    code = "closed"

    def __init__(self) -> None:
        super().__init__(_("끝난 방송에는 질문할 수 없어요."))


class TooManyQuestions(Refusal):
    code = "too_many"

    def __init__(self, most: int) -> None:
        super().__init__(
            _("질문은 %(most)d개까지 기다릴 수 있어요. 답을 받은 뒤에 또 물어봐 주세요.") % {"most": most}
        )


class NothingToCompare(Refusal):
    """Signs and spaces alone are no question."""

    code = "empty"

    def __init__(self) -> None:
        super().__init__(_("궁금한 점을 글로 적어 주세요."))


class QuestionOver(Refusal):
    code = "over"

    def __init__(self) -> None:
        super().__init__(_("이미 답했거나 내려간 질문이에요."))


class NoMerge(Refusal):
    code = "no_merge"

    def __init__(self) -> None:
        super().__init__(_("기다리는 다른 질문에만 합칠 수 있어요."))


class NotOnAir(Refusal):
    code = "not_on_air"

    def __init__(self) -> None:
        super().__init__(_("방송 중일 때만 화면에 띄울 수 있어요."))
