"""Why a file was refused or its processing failed: codes for the database, words for its owner."""

from django.conf import settings
from django.utils.translation import gettext as _

MIB = 1024 * 1024


def words(problem: str) -> str:
    """Return what to tell the owner: what is wrong and what to do. "" for no problem."""
    if not problem:
        return ""
    return _texts().get(problem) or _("파일을 처리하지 못했어요. 다시 시도해 주세요.")


def _texts() -> dict[str, str]:
    """Made at each call, since language and limits may differ between calls."""
    video, picture = settings.VIDEO_MAX_BYTES // MIB, settings.UPLOAD_MAX_BYTES // MIB
    return {
        "not_a_video": _("영상 파일이 아니에요. MP4, MOV, WebM 영상을 올려 주세요."),
        "empty": _("빈 파일이에요. 다른 파일을 올려 주세요."),
        "truncated": _("영상이 중간에 끊겼거나 손상됐어요. 원본을 확인하고 다시 올려 주세요."),
        "no_index": _("길이나 위치 정보가 없는 파일이라 읽을 수 없어요. MP4로 다시 저장해서 올려 주세요."),
        "sound_only": _("소리만 있고 화면이 없어요. 화면이 있는 영상을 올려 주세요."),
        "too_long": _("영상은 %(limit)s까지 올릴 수 있어요. 짧게 잘라서 다시 올려 주세요.")
        % {"limit": _length(settings.VIDEO_MAX_SECONDS)},
        "too_large": _("파일이 너무 커요. 영상은 %(video)s, 사진은 %(picture)s 이하로 올려 주세요.")
        % {"video": _size(video), "picture": _size(picture)},
        "too_many_pixels": _("화면이 너무 커요. 8K(7680×4320) 이하로 줄여서 올려 주세요."),
        "too_small": _("화면이 너무 작아요. 가로와 세로가 32픽셀 이상인 영상을 올려 주세요."),
        "too_many_streams": _("트랙이 너무 많은 파일이에요. 영상과 소리만 남겨서 올려 주세요."),
        "unsupported_codec": _("지원하지 않는 형식이에요. H.264 MP4로 저장해서 올려 주세요."),
        "not_a_picture": _("사진 파일이 아니거나 손상됐어요. JPG, PNG, WebP 파일을 올려 주세요."),
        "picture_too_large": _("사진이 너무 커요. 4천만 화소 이하로 올려 주세요."),
        "type_mismatch": _("파일 형식이 이름과 달라요. 원본 파일을 다시 올려 주세요."),
        "transcode_failed": _("영상을 변환하지 못했어요. 다시 시도해 주세요."),
        "storage_failed": _("파일을 저장하지 못했어요. 잠시 뒤 다시 시도해 주세요."),
        "check_failed": _("파일을 확인하지 못했어요. 잠시 뒤 다시 시도해 주세요."),
    }


def _length(seconds: int) -> str:
    return _("%(n)s초") % {"n": seconds} if seconds % 60 else _("%(n)s분") % {"n": seconds // 60}


def _size(mib: int) -> str:
    return f"{mib // 1024}GB" if mib >= 1024 and mib % 1024 == 0 else f"{mib}MB"
