"""Uploads as the page's scripts drive them: JSON in small steps; the bytes go straight to storage."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import MemberRequest
from common.errors import DomainError, IllegalMove, ProviderError
from common.limits import too_often
from media_pipeline import upload_actions
from media_pipeline.access import get_own_asset, get_own_upload, members_only
from media_pipeline.addresses import poster_url
from media_pipeline.attempts import choose_poster, try_again
from media_pipeline.models import Asset
from media_pipeline.purposes import AnnouncementRefused
from media_pipeline.refusals import words
from media_pipeline.uploading.base import PartsMissing

Status = Asset.Status
BEGINS_IN_TEN_MINUTES = 60
MOST_DIGITS = 6
"""Python refuses to read endless numbers, and nothing here has a million of anything."""


class AnnouncementForm(forms.Form):
    """What a browser says of a file it wants to send; `media_pipeline.purposes` judges it."""

    purpose = forms.ChoiceField(choices=Asset.Purpose.choices)
    name = forms.CharField(max_length=1000)
    size = forms.IntegerField(min_value=0)
    content_type = forms.CharField(max_length=100, required=False)


def refused(status: int, code: str, sentence: str) -> JsonResponse:
    return JsonResponse({"error": sentence, "code": code}, status=status)


def is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= MOST_DIGITS


def storage_silent() -> JsonResponse:
    return refused(503, "storage_failed", _("저장소가 답하지 않아요. 잠시 뒤에 다시 시도해 주세요."))


def percent_of(asset: Asset) -> int:
    """Return how far the making of an asset is; what still travels is known to its browser only."""
    if asset.status == Status.READY:
        return 100
    return asset.attempt.percent if asset.attempt and asset.status == Status.TRANSCODING else 0


def asset_json(asset: Asset) -> dict[str, Any]:
    """Return what its owner's scripts may know of an asset."""
    return {
        "code": asset.code,
        "purpose": asset.purpose,
        "status": asset.status,
        "status_text": asset.get_status_display(),
        "percent": percent_of(asset),
        "problem": words(asset.problem) if asset.problem else "",
        "version": asset.version,
        "name": asset.name,
        "playback_url": asset.playback_url,
        "poster_url": asset.poster_url,
        "duration_ms": asset.duration_ms,
    }


def poster_candidates(asset: Asset) -> list[dict[str, Any]]:
    """Return the pictures of a ready video of which its owner may choose one."""
    if asset.status != Status.READY:
        return []
    return [
        {"number": number, "url": poster_url(asset, number), "chosen": number == asset.poster_number}
        for number in range(asset.poster_count)
    ]


@require_POST
@members_only
def begin(request: MemberRequest) -> JsonResponse:
    """Take an announcement and answer with the leave to send it, or with the reason why not."""
    if too_often("upload", request.user.pk, most=BEGINS_IN_TEN_MINUTES, seconds=600):
        return refused(429, "too_often", _("업로드를 너무 자주 시작했어요. 10분 뒤에 다시 시도해 주세요."))
    form = AnnouncementForm(request.POST)
    if not form.is_valid():
        return refused(422, "bad_announcement", _("파일 정보를 읽을 수 없어요. 파일을 다시 골라 주세요."))
    try:
        upload = upload_actions.begin_upload(request.user, **form.cleaned_data)
        form_grant = upload_actions.grant_form(upload)
    except AnnouncementRefused as refusal:
        return refused(422, refusal.code, refusal.message)
    except upload_actions.TooManyUploads as refusal:
        return refused(429, refusal.code, refusal.message)
    except ProviderError:
        return storage_silent()
    answer = {
        "asset": asset_json(upload.asset),
        "part_size": upload.part_size,
        "form": {"url": form_grant.url, "fields": form_grant.fields} if form_grant else None,
    }
    return JsonResponse(answer, status=201)


@require_safe
@members_only
@never_cache
def state(request: MemberRequest, code: str) -> JsonResponse:
    """What has arrived: whoever comes back goes on from there."""
    upload = get_own_upload(request.user, code)
    try:
        received = upload_actions.received_parts(upload)
    except ProviderError:
        return storage_silent()
    upload_actions.note_active(upload)
    return JsonResponse(
        {
            "asset": asset_json(upload.asset),
            "received": received,
            "part_size": upload.part_size,
            "size": upload.size,
            "parts": upload.part_count,
        }
    )


@require_POST
@members_only
def parts(request: MemberRequest, code: str) -> JsonResponse:
    """Grant the next parts: `numbers=1,2,3`."""
    upload = get_own_upload(request.user, code)
    numbers = request.POST.get("numbers", "").split(",")
    if not all(map(is_number, numbers)):
        return refused(422, "no_such_part", _("파일 정보를 읽을 수 없어요. 파일을 다시 골라 주세요."))
    try:
        grants = upload_actions.grant_parts(upload, [int(number) for number in numbers])
    except upload_actions.UploadOver as refusal:
        return refused(409, refusal.code, refusal.message)
    except upload_actions.NoSuchPart as refusal:
        return refused(422, refusal.code, refusal.message)
    except ProviderError:
        return storage_silent()
    return JsonResponse(
        {"parts": [{"number": part.number, "size": part.size, "url": part.url} for part in grants]}
    )


@require_POST
@members_only
def complete(request: MemberRequest, code: str) -> JsonResponse:
    """The browser has sent everything: have it checked, or say what is missing."""
    upload = get_own_upload(request.user, code)
    try:
        upload_actions.receive_upload(upload.pk)
    except PartsMissing as refusal:
        return JsonResponse({"missing": refusal.numbers}, status=409)
    except ProviderError:
        return storage_silent()
    return JsonResponse({"asset": asset_json(get_own_asset(request.user, code))})


@require_POST
@members_only
def cancel(request: MemberRequest, code: str) -> JsonResponse:
    refusal = _("다 올라온 파일은 취소할 수 없어요.")
    return _change(request, code, upload_actions.cancel_upload, refusal=refusal)


@require_POST
@members_only
def retry(request: MemberRequest, code: str) -> JsonResponse:
    return _change(request, code, try_again, refusal=_("지금은 다시 시도할 수 없어요."))


@require_POST
@members_only
def poster(request: MemberRequest, code: str) -> JsonResponse:
    """Choose which of the candidates stands for a video: `number=`."""
    get_own_asset(request.user, code)
    number = request.POST.get("number", "")
    if not is_number(number):
        return refused(422, "no_such_poster", _("이 영상에 없는 장면이에요."))
    refusal = _("영상이 준비된 뒤에 고를 수 있어요.")
    return _change(request, code, lambda asset_id: choose_poster(asset_id, int(number)), refusal=refusal)


def _change(
    request: MemberRequest, code: str, action: Callable[[int], object], *, refusal: str
) -> JsonResponse:
    """Do it to the member's own asset and answer with what it is then, or why it may not be done."""
    asset = get_own_asset(request.user, code)
    try:
        action(asset.pk)
    except IllegalMove as error:
        return refused(409, error.code, refusal)
    except DomainError as error:
        return refused(409, error.code, error.message)
    return JsonResponse({"asset": asset_json(get_own_asset(request.user, code))})


@require_safe
@members_only
@never_cache
def card(request: MemberRequest, code: str) -> HttpResponse:
    """What became of a file so far, for its owner's pages."""
    asset = get_own_asset(request.user, code)
    context = {
        "asset": asset,
        "words": words(asset.problem) if asset.problem else "",
        "percent": percent_of(asset),
        "can_retry": asset.status == Status.FAILED and bool(asset.source_key),
        "posters": poster_candidates(asset),
    }
    return render(request, "media_pipeline/_asset_card.html", context)
