"""What every signer of playback cookies must do; each adapter's class runs all of it."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from access.cookies import playback_cookies
from access.cookies.cloudfront import CloudFrontCookies
from access.cookies.local import LocalCookies
from access.cookies.policy import from_cookie, read_policy, to_cookie

FOLDER = "videos/ab/"
KEY = "videos/ab/1f0c.first/master.m3u8"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC = ec.generate_private_key(ec.SECP256R1())


def pem(key):
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def soon():
    return timezone.now() + timedelta(minutes=10)


class CookieContract:
    """Subclasses give `signer`, and `stranger`, a signer of the same kind with another key."""

    def issue(self, signer, folder=FOLDER, until=None):
        return {cookie.name: cookie.value for cookie in signer.issue(folder, until=until or soon())}

    def test_its_own_folder_is_open(self, signer):
        assert signer.allows(self.issue(signer), KEY)
        assert signer.allows(self.issue(signer), "videos/ab/x.mp4")

    @pytest.mark.parametrize(
        "key",
        [
            "videos/abc/x.mp4",
            "videos/a/x.mp4",
            "videos/AB/x.mp4",
            "videos/cd/x.mp4",
            "videos/ab",
            "videos/ab/",
            "products/x.webp",
            "",
            "videos/ab/../cd/x.mp4",
            "videos/ab/./x.mp4",
            "videos/ab//x.mp4",
            "videos/ab/%2e%2e/cd/x.mp4",
            "videos/ab/..%2fcd/x.mp4",
            "videos/ab/%252e%252e/cd/x.mp4",
            "videos/ab\\..\\cd/x.mp4",
            "videos/ab/x.mp4\x00.jpg",
            "videos/ab/x.mp4\n",
            "videos/ab/.work/x.mp4",
            "/videos/ab/x.mp4",
            "videos/ab/x.mp4?a=../../cd",
        ],
    )
    def test_nothing_else_is(self, signer, key):
        assert not signer.allows(self.issue(signer), key)

    def test_it_ends(self, signer):
        late = self.issue(signer, until=timezone.now() - timedelta(seconds=1))
        assert not signer.allows(late, KEY)

    @pytest.mark.parametrize("part", ["Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm"])
    @pytest.mark.parametrize("change", [None, "", "x", "!!!", "한", "A" * 9000])
    def test_every_cookie_is_needed_as_it_was_given(self, signer, part, change):
        cookies = self.issue(signer)
        name = f"{signer.prefix}-{part}"
        if change is None:
            del cookies[name]
        else:
            cookies[name] = change
        assert not signer.allows(cookies, KEY)

    def test_a_policy_made_wider_is_not_signed(self, signer):
        cookies = self.issue(signer)
        policy = json.loads(from_cookie(cookies[f"{signer.prefix}-Policy"]))
        policy["Statement"][0]["Resource"] = policy["Statement"][0]["Resource"].replace("/ab/*", "/*")
        cookies[f"{signer.prefix}-Policy"] = to_cookie(json.dumps(policy).encode())
        assert not signer.allows(cookies, "videos/cd/x.mp4")
        assert not signer.allows(cookies, KEY)

    def test_parts_of_two_grants_do_not_mix(self, signer):
        one, other = self.issue(signer), self.issue(signer, "videos/cd/")
        mixed = one | {f"{signer.prefix}-Policy": other[f"{signer.prefix}-Policy"]}
        assert not signer.allows(mixed, "videos/cd/x.mp4")

    def test_another_key_opens_nothing(self, signer, stranger):
        assert not signer.allows(self.issue(stranger), KEY)

    @pytest.mark.parametrize(
        "folder",
        ["", "videos/", "videos/*/", "videos/a?/", "videos/ab", "videos/ab/c/", "images/", "videos/../"],
    )
    def test_cookies_are_for_one_video_only(self, signer, folder):
        with pytest.raises(ValueError):
            signer.issue(folder, until=soon())

    def test_cookies_are_bound_to_the_folder_and_keep_their_value_to_themselves(self, signer, settings):
        settings.PLAYBACK_COOKIE_DOMAIN = "example.com"
        prefix = "" if settings.MEDIA_BASE_URL.startswith("http") else settings.MEDIA_BASE_URL
        for cookie in signer.issue(FOLDER, until=soon()):
            assert cookie.path == f"{prefix}/videos/ab/"
            assert cookie.domain == "example.com"
            assert cookie.value not in repr(cookie)

    def test_the_policy_says_what_cloudfront_reads(self, signer, settings):
        until = soon()
        text = from_cookie(self.issue(signer, until=until)[f"{signer.prefix}-Policy"]).decode()
        assert " " not in text
        resource, read = read_policy(text.encode())
        assert resource.endswith("/videos/ab/*")
        assert resource.startswith("http")
        assert read == until.replace(microsecond=0)


class TestLocalCookies(CookieContract):
    @pytest.fixture
    def signer(self):
        return LocalCookies()

    @pytest.fixture
    def stranger(self, settings):
        mine = settings.SECRET_KEY
        settings.SECRET_KEY = "another-" + "k" * 60
        stranger = LocalCookies()
        settings.SECRET_KEY = mine
        return stranger

    def test_it_is_the_default(self):
        assert isinstance(playback_cookies(), LocalCookies)


class CloudFrontContract(CookieContract):
    @pytest.fixture
    def signer(self, settings):
        settings.MEDIA_BASE_URL = "https://media.example.com"
        settings.CLOUDFRONT_KEY_PAIR_ID = "K2JCJMDEHXQW5F"
        settings.CLOUDFRONT_PRIVATE_KEY = pem(self.key)
        return CloudFrontCookies()

    @pytest.fixture
    def stranger(self, signer, settings):
        settings.CLOUDFRONT_PRIVATE_KEY = pem(self.another())
        return CloudFrontCookies()

    def test_the_cookies_have_cloudfronts_names(self, signer):
        cookies = self.issue(signer)
        assert set(cookies) == {
            "CloudFront-Policy",
            "CloudFront-Signature",
            "CloudFront-Key-Pair-Id",
            "CloudFront-Hash-Algorithm",
        }
        assert cookies["CloudFront-Hash-Algorithm"] == "SHA256"
        assert not set("+=/") & set(cookies["CloudFront-Policy"] + cookies["CloudFront-Signature"])


class TestCloudFrontCookiesWithRsa(CloudFrontContract):
    key = RSA

    def another(self):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class TestCloudFrontCookiesWithEcdsa(CloudFrontContract):
    key = EC

    def another(self):
        return ec.generate_private_key(ec.SECP256R1())


@pytest.mark.parametrize(
    "change",
    [
        {"CLOUDFRONT_KEY_PAIR_ID": ""},
        {"CLOUDFRONT_PRIVATE_KEY": ""},
        {"CLOUDFRONT_PRIVATE_KEY": pem(ed25519.Ed25519PrivateKey.generate())},
        {"MEDIA_BASE_URL": "/media"},
    ],
)
def test_a_half_set_up_cloudfront_says_what_is_missing(settings, change):
    settings.MEDIA_BASE_URL = "https://media.example.com"
    settings.CLOUDFRONT_KEY_PAIR_ID = "K2JCJMDEHXQW5F"
    settings.CLOUDFRONT_PRIVATE_KEY = pem(EC)
    for name, value in change.items():
        setattr(settings, name, value)
    with pytest.raises(ImproperlyConfigured, match=next(iter(change))):
        CloudFrontCookies()
