from django.contrib.auth.models import AbstractUser
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from common.codes import new_code

PHONE_NUMBER = RegexValidator(
    r"^0\d{1,2}-?\d{3,4}-?\d{4}$", _("휴대폰 번호를 010-1234-5678처럼 적어 주세요.")
)
POSTCODE = RegexValidator(r"^\d{5}$", _("우편번호는 숫자 5자리예요."))


class User(AbstractUser):
    """A member. `username` is the ID used to sign in; other people only ever see `nickname`."""

    class Kind(models.TextChoices):
        PERSONAL = "personal", _("개인")
        BUSINESS = "business", _("사업자")

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    name = models.CharField(_("이름"), max_length=40)
    nickname = models.CharField(_("닉네임"), max_length=20, unique=True)
    email = models.EmailField(_("이메일"))
    kind = models.CharField(_("회원 구분"), max_length=10, choices=Kind, default=Kind.PERSONAL)
    phone = models.CharField(
        _("휴대폰 번호"),
        max_length=13,
        blank=True,
        validators=[PHONE_NUMBER],
    )
    postcode = models.CharField(
        _("우편번호"),
        max_length=5,
        blank=True,
        validators=[POSTCODE],
    )
    address = models.CharField(_("주소"), max_length=200, blank=True)
    address_detail = models.CharField(_("상세 주소"), max_length=100, blank=True)

    # The database has the default too: processes of the version before still make members during an update.
    avatar = models.FileField(_("프로필 사진"), upload_to="images/", blank=True, default="", db_default="")

    REQUIRED_FIELDS = ["email", "name", "nickname"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_unique")]

    def __str__(self) -> str:
        return self.nickname

    @property
    def avatar_url(self) -> str:
        """Address of the profile picture, "" without one."""
        return str(self.avatar.url) if self.avatar else ""

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.nickname


class Address(models.Model):
    """A place that a member has goods sent to. The one in `User` is the member's own and comes first."""

    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="addresses")
    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    label = models.CharField(_("배송지 이름"), max_length=20)
    name = models.CharField(_("받는 사람"), max_length=40)
    phone = models.CharField(_("연락처"), max_length=13, validators=[PHONE_NUMBER])
    postcode = models.CharField(_("우편번호"), max_length=5, validators=[POSTCODE])
    address = models.CharField(_("주소"), max_length=200)
    address_detail = models.CharField(_("상세 주소"), max_length=100, blank=True)
    is_default = models.BooleanField(_("기본 배송지"), default=False)
    used_at = models.DateTimeField(auto_now_add=True)
    """When it was last ordered to: the newest comes first."""

    class Meta:
        ordering = ["-is_default", "-used_at", "-pk"]
        verbose_name_plural = "addresses"

    def __str__(self) -> str:
        return self.label


class Consent(models.Model):
    """One thing a member agreed to, in one version of its text. Taking it back sets `withdrawn_at`."""

    class Subject(models.TextChoices):
        TERMS = "terms", _("이용약관")
        PRIVACY = "privacy", _("개인정보 수집과 이용")
        AGE = "age", _("만 14세 이상")
        MARKETING = "marketing", _("혜택과 소식 받기")

    member = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    subject = models.CharField(max_length=12, choices=Subject)
    text_version = models.CharField(max_length=10)
    granted_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "subject"],
                condition=models.Q(withdrawn_at=None),
                name="accounts_consent_one_standing",
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.subject}"


class Undeliverable(models.Model):
    """An address that mail must not go to any more: our provider would be blocked for going on."""

    class Reason(models.TextChoices):
        BOUNCED = "bounced", _("받을 수 없는 주소")
        COMPLAINED = "complained", _("스팸으로 신고")

    address = models.EmailField(_("이메일"), unique=True)
    """In lower case."""
    reason = models.CharField(_("이유"), max_length=10, choices=Reason)
    at = models.DateTimeField(_("날짜"))

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return self.address
