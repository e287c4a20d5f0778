"""CloudFront's signed cookies, checked at its edges: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/"""

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from access.cookies.policy import PolicyCookies


class CloudFrontCookies(PolicyCookies):
    """RSA or ECDSA signatures over SHA-256.

    The fourth cookie, CloudFront-Hash-Algorithm, says so: without it CloudFront checks for SHA-1. ECDSA signs faster
    and makes shorter cookies.
    """

    prefix = "CloudFront"
    algorithm = "SHA256"

    def __init__(self) -> None:
        self.key_id = settings.CLOUDFRONT_KEY_PAIR_ID
        if not self.key_id:
            raise ImproperlyConfigured("Set CLOUDFRONT_KEY_PAIR_ID, the id of the key in the key group.")
        scheme = ("https://", "http://") if settings.DEBUG else "https://"
        if not settings.MEDIA_BASE_URL.startswith(scheme):
            raise ImproperlyConfigured("Set MEDIA_BASE_URL to the distribution's https address.")
        try:
            key = load_pem_private_key(settings.CLOUDFRONT_PRIVATE_KEY.encode(), password=None)
        except (ValueError, TypeError) as error:
            raise ImproperlyConfigured("CLOUDFRONT_PRIVATE_KEY is not a private key in PEM.") from error
        if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
            raise ImproperlyConfigured("CLOUDFRONT_PRIVATE_KEY must be an RSA or an EC key.")
        self._key = key

    def sign(self, policy: bytes) -> bytes:
        if isinstance(self._key, rsa.RSAPrivateKey):
            return self._key.sign(policy, padding.PKCS1v15(), SHA256())
        return self._key.sign(policy, ec.ECDSA(SHA256()))

    def is_signed(self, policy: bytes, signature: bytes) -> bool:
        public = self._key.public_key()
        try:
            if isinstance(public, rsa.RSAPublicKey):
                public.verify(signature, policy, padding.PKCS1v15(), SHA256())
            else:
                public.verify(signature, policy, ec.ECDSA(SHA256()))
        except InvalidSignature:
            return False
        return True
