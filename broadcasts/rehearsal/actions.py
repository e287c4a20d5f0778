"""Opening, closing and entering a rehearsal."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from broadcasts.models import Broadcast
from broadcasts.moves import lock_broadcast
from broadcasts.rehearsal.models import Rehearsal
from common.errors import DomainError
from common.limits import too_often

LASTS = timedelta(hours=2)
DIGITS = 6
TRIES_IN_TEN_MINUTES = 30
"""Of all who try together: at most 360 of a million codes in the two hours that a rehearsal lasts."""


class NotBeforeTheShow(DomainError):
    """Only a show that has not begun can be rehearsed."""

    code = "not_before_the_show"

    def __init__(self) -> None:
        super().__init__(_("리허설은 방송을 시작하기 전에만 할 수 있어요."))


class WrongPassCode(DomainError):
    code = "wrong_pass_code"

    def __init__(self) -> None:
        super().__init__(_("입장 코드가 맞지 않아요. 판매자에게 받은 숫자 6자리를 다시 확인해 주세요."))


class TooManyTries(DomainError):
    code = "too_many_tries"

    def __init__(self) -> None:
        super().__init__(_("코드를 너무 여러 번 틀렸어요. 10분 뒤에 다시 시도해 주세요."))


@transaction.atomic
def open_rehearsal(broadcast_id: int) -> Rehearsal:
    """Return the show's open rehearsal, opened now unless there is one. Raises NotBeforeTheShow."""
    broadcast = lock_broadcast(broadcast_id)
    if broadcast.status != Broadcast.Status.SCHEDULED:
        raise NotBeforeTheShow
    current = Rehearsal.objects.open().filter(broadcast=broadcast).first()
    if current:
        return current
    close_rehearsal(broadcast_id)  # one whose time is over, if any
    return Rehearsal.objects.create(
        broadcast=broadcast, pass_code=_new_pass_code(), expires_at=timezone.now() + LASTS
    )


def close_rehearsal(broadcast_id: int) -> None:
    """Take the leave back: whoever watches sees nothing more. A quiet no-op when none is open."""
    open_ones = Rehearsal.objects.filter(broadcast=broadcast_id, closed_at=None)
    open_ones.update(closed_at=timezone.now())


def check_pass_code(rehearsal: Rehearsal, given: str) -> None:
    """Raises WrongPassCode, TooManyTries."""
    if too_often("rehearsal", rehearsal.code, most=TRIES_IN_TEN_MINUTES, seconds=600):
        raise TooManyTries
    digits = "".join(given.split())
    if not secrets.compare_digest(digits.encode(), rehearsal.pass_code.encode()):
        raise WrongPassCode


def _new_pass_code() -> str:
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
