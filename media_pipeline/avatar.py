"""A member's profile picture: it comes by the road of every upload."""

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.actions import set_avatar
from accounts.requests import MemberRequest
from media_pipeline.fields import AssetField
from media_pipeline.models import Asset


class AvatarForm(forms.Form):
    """A new picture; none takes the old one away."""

    avatar = AssetField(label=gettext_lazy("새 사진"), purpose=Asset.Purpose.AVATAR, required=False)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def avatar(request: MemberRequest) -> HttpResponse:
    form = AvatarForm(request.POST if request.method == "POST" else None)
    form.fields["avatar"].owner = request.user  # type: ignore[attr-defined]
    if form.is_bound and form.is_valid():
        picture = form.cleaned_data["avatar"]
        set_avatar(request.user, picture.storage_key if picture else "")
        messages.success(request, _("프로필 사진을 바꿨어요.") if picture else _("프로필 사진을 뺐어요."))
        return redirect("accounts:me")
    return render(request, "media_pipeline/avatar.html", {"form": form}, status=422 if form.is_bound else 200)
