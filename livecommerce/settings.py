"""Settings, all from the environment; docs/settings.md describes every variable.

DEBUG off means production: secrets and hosts must then be given, and everything is served over HTTPS.
"""

import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from livecommerce import env
from livecommerce.logs import configure_logs

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / "var")))

# --- Who we are -------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY")
SITE_NAME = env.text("SITE_NAME", "라이브온")
SITE_URL = env.text("SITE_URL", "http://localhost:8000").rstrip("/")
LOCAL_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ",".join(LOCAL_HOSTS) if DEBUG else "")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

if DEBUG and set(ALLOWED_HOSTS) - set(LOCAL_HOSTS):
    raise ImproperlyConfigured("DEBUG=1 is for this machine only: take it away or leave ALLOWED_HOSTS local.")
if not DEBUG:
    if len(SECRET_KEY) < 50 or SECRET_KEY.startswith("django-insecure"):
        raise ImproperlyConfigured("SECRET_KEY must be a random text of at least 50 characters.")
    if not ALLOWED_HOSTS or "*" in ALLOWED_HOSTS:
        raise ImproperlyConfigured("Set ALLOWED_HOSTS to the host names of this site, comma-separated.")

# --- Applications -----------------------------------------------------------------------------------------
INSTALLED_APPS = [
    # The server behind `runserver`, before staticfiles; elsewhere it would only make every process start slower.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "channels",
    "allauth",
    "allauth.account",
    "anymail",
    "django_structlog",
    "common",
    "accounts",
    "catalog",
    "access",
    "media_pipeline",
    "broadcasts",
    "broadcasts.chapters",
    "broadcasts.clips",
    "broadcasts.following",
    "broadcasts.rehearsal",
    "trailers",
    "orders",
    "chat",
    "chat.report",
    "chat.moderation",
    "chat.questions",
    "chat.support",
    "chat.overlay",
    "chat.activities",
    "reviews",
    "demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "orders.checkout.shed.answer_sold_out",  # before what reads sessions: it must not touch the database
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "common.time_zone.in_the_zone_of_the_browser",
]
ROOT_URLCONF = "livecommerce.urls"
ASGI_APPLICATION = "livecommerce.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context_processors.site",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(env.text("DATABASE_URL", f"sqlite:///{DATA_DIR / 'db.sqlite3'}"))
}
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 20)
_options = DATABASES["default"].setdefault("OPTIONS", {})
match DATABASES["default"]["ENGINE"].rsplit(".", 1)[1]:
    case "sqlite3":
        # IMMEDIATE takes the write lock at the start of a transaction: without it a read that turns into a
        # write fails at once with "database is locked" instead of waiting its turn.
        _options |= {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
        }
    case "postgresql":
        _options["connect_timeout"] = 5
        if env.flag("DATABASE_PREPARED_STATEMENTS", True):
            # Planned once for each connection, not once for each query (`common.stale_plans`).
            _options |= {"server_side_binding": True, "prepare_threshold": 5}
        if DATABASE_POOL_SIZE:
            _options["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 10}
    case "mysql":
        _options |= {"charset": "utf8mb4", "isolation_level": "read committed", "connect_timeout": 5}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
# Live rooms are spread over these, each room on one of them.
REDIS_URLS = env.words("REDIS_URLS") or [REDIS_URL]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
CHANNEL_LAYERS = {
    "default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}
}

# Keys that encrypt stream keys in the database, newest first; docs/settings.md says how to change them.
FIELD_ENCRYPTION_KEYS = env.words("FIELD_ENCRYPTION_KEYS")
if not FIELD_ENCRYPTION_KEYS:
    raise ImproperlyConfigured(
        "Set FIELD_ENCRYPTION_KEYS (Fernet keys); docs/settings.md says how to make one."
    )

STATIC_URL = "static/"
STATIC_ROOT = None if DEBUG else DATA_DIR / "static"  # DEBUG serves files from where they are
NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("vendor/htmx", NODE_MODULES / "htmx.org" / "dist"),
    ("vendor/hls", NODE_MODULES / "hls.js" / "dist"),
    ("vendor/ivs", NODE_MODULES / "amazon-ivs-player" / "dist"),
    ("vendor/uplot", NODE_MODULES / "uplot" / "dist"),
    ("vendor/pretendard", NODE_MODULES / "pretendard" / "dist" / "web" / "variable"),
]
# --- Uploads and what is made of them ---------------------------------------------------------------------
AWS: dict[str, Any] = {
    "region": env.text("AWS_REGION", "ap-northeast-2"),
    # "s3=http://…,sqs=http://…" where a service is not at its usual address
    "endpoints": dict(pair.split("=", 1) for pair in env.words("AWS_ENDPOINTS")),
}
MEDIA_STORAGE = env.choice("MEDIA_STORAGE", "filesystem", ["filesystem", "s3"])
MEDIA_URL = "media/"
MEDIA_ROOT = DATA_DIR / "media"
UPLOADS_ROOT = DATA_DIR / "uploads"
SHARED_SECONDS = env.integer("SHARED_SECONDS", 1)
SERVE_MEDIA = env.flag("SERVE_MEDIA", default=True)
# Where browsers fetch what was made of uploads: this site, the web server before it, or a CDN.
MEDIA_BASE_URL = env.text("MEDIA_BASE_URL", "/media").rstrip("/")
S3_MEDIA_BUCKET = env.text("S3_MEDIA_BUCKET", "")
S3_UPLOADS_BUCKET = env.text("S3_UPLOADS_BUCKET", "")
# Where browsers reach the uploads bucket; only for the content security policy.
S3_UPLOADS_ORIGIN = env.text(
    "S3_UPLOADS_ORIGIN", f"https://{S3_UPLOADS_BUCKET}.s3.{AWS['region']}.amazonaws.com"
)
UPLOAD_MAX_BYTES = env.integer("UPLOAD_MAX_BYTES", 10 * 1024 * 1024)
VIDEO_MAX_BYTES = env.integer("VIDEO_MAX_BYTES", 5 * 1024**3)
VIDEO_MAX_SECONDS = env.integer("VIDEO_MAX_SECONDS", 1200)
UPLOAD_FORM_MAX_BYTES = env.integer("UPLOAD_FORM_MAX_BYTES", 8 * 1024 * 1024)
UPLOAD_PART_BYTES = env.integer("UPLOAD_PART_BYTES", 8 * 1024 * 1024)
UPLOAD_GRANT_SECONDS = env.integer("UPLOAD_GRANT_SECONDS", 900)
UPLOAD_ABANDONED_HOURS = env.integer("UPLOAD_ABANDONED_HOURS", 24)
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
UPLOADS = {
    "default": {
        "filesystem": {"BACKEND": "media_pipeline.uploading.local.LocalUploads"},
        "s3": {"BACKEND": "media_pipeline.uploading.s3.S3Uploads"},
    }[MEDIA_STORAGE]
}
PRODUCT_PICTURES = {"default": {"BACKEND": "media_pipeline.product_pictures.AssetPictures"}}
TRANSCODING_PROVIDER = env.choice("TRANSCODING_PROVIDER", "ffmpeg", ["ffmpeg", "mediaconvert"])
MEDIACONVERT_ROLE_ARN = env.text("MEDIACONVERT_ROLE_ARN", "")
MEDIACONVERT_QUEUE_ARN = env.text("MEDIACONVERT_QUEUE_ARN", "")
TRANSCODING = {
    "default": {
        "ffmpeg": {"BACKEND": "media_pipeline.transcoding.ffmpeg.FfmpegTranscoding"},
        "mediaconvert": {"BACKEND": "media_pipeline.transcoding.mediaconvert.MediaConvertTranscoding"},
    }[TRANSCODING_PROVIDER]
}
PLAYBACK_COOKIE_PROVIDER = env.choice("PLAYBACK_COOKIE_PROVIDER", "local", ["local", "cloudfront"])
PLAYBACK_COOKIE_SECONDS = env.integer("PLAYBACK_COOKIE_SECONDS", 600)
# The parent domain of this site and its CDN; empty when both have the same host name.
PLAYBACK_COOKIE_DOMAIN = env.text("PLAYBACK_COOKIE_DOMAIN", "")
CLOUDFRONT_KEY_PAIR_ID = env.text("CLOUDFRONT_KEY_PAIR_ID", "")
CLOUDFRONT_PRIVATE_KEY = env.text("CLOUDFRONT_PRIVATE_KEY", "")
PLAYBACK_COOKIES = {
    "default": {
        "local": {"BACKEND": "access.cookies.local.LocalCookies"},
        "cloudfront": {"BACKEND": "access.cookies.cloudfront.CloudFrontCookies"},
    }[PLAYBACK_COOKIE_PROVIDER]
}
SQS_EVENTS_QUEUE_URL = env.text("SQS_EVENTS_QUEUE_URL", "")
EVENTS_WEBHOOK_SECRET = env.text("EVENTS_WEBHOOK_SECRET", "")
STORAGES = {
    "default": {
        "filesystem": {"BACKEND": "media_pipeline.stores.PublicFiles"},
        "s3": {"BACKEND": "media_pipeline.stores.PublicBucket"},
    }[MEDIA_STORAGE],
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "common.static_files.HashedStaticFiles"
    },
}

# --- Language, time, people -------------------------------------------------------------------------------
LANGUAGE_CODE = "ko"
LANGUAGES = [
    ("ko", _("한국어"))
]  # texts are marked for translation; another language joins with its catalogue
TIME_ZONE = "Asia/Seoul"
USE_TZ = True
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email*", "password1*", "password2*"]
ACCOUNT_FORMS = {"signup": "accounts.forms.SignupForm"}
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_USERNAME_BLACKLIST = ["admin", "staff", "root", "support", "seller", "운영자", "관리자"]
ACCOUNT_USERNAME_MIN_LENGTH = 4
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"[{SITE_NAME}] "
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_TIMEOUT = 10
SES_CONFIGURATION_SET = env.text("SES_CONFIGURATION_SET", "")
ANYMAIL = {
    "AMAZON_SES_CLIENT_PARAMS": {
        "region_name": AWS["region"],
        "endpoint_url": AWS["endpoints"].get("sesv2"),
        # One try: when only the answer is lost, a second would send the mail twice. Tasks try again themselves.
        "config": {
            "connect_timeout": 3,
            "read_timeout": EMAIL_TIMEOUT,
            "retries": {"total_max_attempts": 1},
        },
    },
    "AMAZON_SES_CONFIGURATION_SET_NAME": SES_CONFIGURATION_SET or None,
}
VAPID_PRIVATE_KEY = env.text("VAPID_PRIVATE_KEY", "")
VAPID_CONTACT = env.text("VAPID_CONTACT", "")
# Who is told of what staff must look at.
STAFF_EMAILS = env.words("STAFF_EMAILS")
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"{SITE_NAME} <no-reply@localhost>")

# --- Background work --------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT = "livecommerce.broker:SteadyTransport"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 10,
    "socket_connect_timeout": 3,
}
# Transcoding has a queue and a worker of its own: a long film must not hold up a mail or an event.
CELERY_TASK_ROUTES = {"media_pipeline.run_local_transcode": {"queue": "transcode"}}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "worker-heartbeat": {"task": "common.beat_heart", "schedule": timedelta(seconds=10)},
    "apply-waiting-events": {
        "task": "media_pipeline.apply_waiting_events",
        "schedule": timedelta(seconds=30),
    },
    "prepare-leftover-channels": {
        "task": "broadcasts.prepare_leftover_channels",
        "schedule": timedelta(seconds=60),
    },
    "check-streams": {"task": "broadcasts.check_streams", "schedule": timedelta(seconds=15)},
    "end-silent-broadcasts": {"task": "broadcasts.end_silent_broadcasts", "schedule": timedelta(seconds=30)},
    "delete-loose-recordings": {"task": "broadcasts.delete_loose_recordings", "schedule": timedelta(hours=1)},
    "look-after-clips": {"task": "broadcasts.look_after_clips", "schedule": timedelta(minutes=10)},
    "complete-arrived-uploads": {
        "task": "media_pipeline.complete_arrived_uploads",
        "schedule": timedelta(seconds=60),
    },
    "clean-abandoned-uploads": {
        "task": "media_pipeline.clean_abandoned_uploads",
        "schedule": timedelta(minutes=30),
    },
    "check-waiting-assets": {
        "task": "media_pipeline.check_waiting_assets",
        "schedule": timedelta(seconds=30),
    },
    "ask-about-transcodes": {
        "task": "media_pipeline.ask_about_transcodes",
        "schedule": timedelta(seconds=15),
    },
    "delete-leftover-renditions": {
        "task": "media_pipeline.delete_leftover_renditions",
        "schedule": timedelta(minutes=15),
    },
    "forget-old-events": {"task": "media_pipeline.forget_old_events", "schedule": timedelta(hours=6)},
    "send-reminders": {"task": "trailers.send_reminders", "schedule": timedelta(seconds=20)},
    "expire-holds": {"task": "orders.expire_holds", "schedule": timedelta(seconds=20)},
    "offer-waiting": {"task": "orders.offer_waiting", "schedule": timedelta(seconds=30)},
    "forget-old-carts": {"task": "orders.forget_old_carts", "schedule": timedelta(hours=6)},
    "lapse-offers": {"task": "orders.lapse_offers", "schedule": timedelta(seconds=60)},
    "look-after-meetings": {"task": "orders.look_after_meetings", "schedule": timedelta(seconds=60)},
    "settle-payments": {"task": "orders.settle_payments", "schedule": timedelta(seconds=20)},
    "forget-old-notices": {"task": "orders.forget_old_notices", "schedule": timedelta(hours=6)},
    "move-silent-orders": {"task": "orders.move_silent_orders", "schedule": timedelta(minutes=10)},
    "settle-last-month": {"task": "orders.settle_last_month", "schedule": timedelta(hours=1)},
    "flush-impressions": {"task": "orders.flush_impressions", "schedule": timedelta(seconds=60)},
    "take-samples": {"task": "chat.take_samples", "schedule": timedelta(seconds=10)},
    "keep-openers": {"task": "chat.keep_openers", "schedule": timedelta(seconds=30)},
    "forget-old-samples": {"task": "chat.forget_old_samples", "schedule": timedelta(hours=6)},
    "book-ad-days": {"task": "orders.book_ad_days", "schedule": timedelta(hours=1)},
    "look-after-activities": {"task": "activities.look_after", "schedule": timedelta(seconds=1)},
    "finish-screens": {"task": "questions.finish_screens", "schedule": timedelta(seconds=60)},
    "keep-hearts": {"task": "activities.keep_hearts", "schedule": timedelta(seconds=30)},
}

# --- Live video -------------------------------------------------------------------------------------------
INGEST_RTMP_HOST = env.text("INGEST_RTMP_HOST", "127.0.0.1" if DEBUG else "0.0.0.0")  # noqa: S104 encoders are outside
INGEST_RTMP_PORT = env.integer("INGEST_RTMP_PORT", 1935)
INGEST_HTTP_HOST = env.text("INGEST_HTTP_HOST", "127.0.0.1")
INGEST_HTTP_PORT = env.integer("INGEST_HTTP_PORT", 8081)
INGEST_PUBLIC_RTMP_URL = env.text("INGEST_PUBLIC_RTMP_URL", f"rtmp://localhost:{INGEST_RTMP_PORT}/live")
INGEST_PUBLIC_HTTP_URL = env.text("INGEST_PUBLIC_HTTP_URL", f"http://localhost:{INGEST_HTTP_PORT}").rstrip(
    "/"
)
INGEST_CONTROL_URL = env.text("INGEST_CONTROL_URL", f"http://127.0.0.1:{INGEST_HTTP_PORT}").rstrip("/")
INGEST_CONTROL_SECRET = env.text("INGEST_CONTROL_SECRET")
INGEST_ALLOWED_ORIGINS = env.words("INGEST_ALLOWED_ORIGINS", "*")
INGEST_MAX_BITRATE = env.integer("INGEST_MAX_BITRATE", 8_500_000)
INGEST_MAX_KEYFRAME_SECONDS = env.integer("INGEST_MAX_KEYFRAME_SECONDS", 4)
INGEST_MAX_CONNECTIONS = env.integer("INGEST_MAX_CONNECTIONS", 500)
# Browser cameras one web process carries at once.
CAMERA_MAX = env.integer("CAMERA_MAX", 20)
RECORDINGS_ROOT = DATA_DIR / "recordings"
# An encoder that returns within this many seconds goes on in the same recording.
RECONNECT_WINDOW_SECONDS = env.integer("RECONNECT_WINDOW_SECONDS", 60)
# A broadcast without a picture for this many seconds ends by itself.
SIGNAL_TIMEOUT_SECONDS = env.integer("SIGNAL_TIMEOUT_SECONDS", 300)

STREAMING_PROVIDER = env.choice("STREAMING_PROVIDER", "local", ["local", "ivs"])
IVS_CHANNEL_TYPE = env.choice(
    "IVS_CHANNEL_TYPE", "BASIC", ["BASIC", "STANDARD", "ADVANCED_SD", "ADVANCED_HD"]
)
IVS_RECORDING_CONFIGURATION_ARN = env.text("IVS_RECORDING_CONFIGURATION_ARN", "")
IVS_RECORDINGS_BUCKET = env.text("IVS_RECORDINGS_BUCKET", "")
IVS_RECORDINGS_BASE_URL = env.text("IVS_RECORDINGS_BASE_URL", "").rstrip("/")
# An EC P-384 key (PEM): with it channels are private and every playback address carries a signed token.
IVS_PLAYBACK_PRIVATE_KEY = env.text("IVS_PLAYBACK_PRIVATE_KEY", "")
LIVE_STREAMING = {
    "default": {
        "local": {
            "BACKEND": "broadcasts.streaming.local.LocalStreaming",
            "OPTIONS": {
                "ingest_url": INGEST_PUBLIC_RTMP_URL,
                "playback_base_url": INGEST_PUBLIC_HTTP_URL,
                "control_url": INGEST_CONTROL_URL,
                "control_secret": INGEST_CONTROL_SECRET,
                "recordings_root": str(RECORDINGS_ROOT),
            },
        },
        "ivs": {"BACKEND": "broadcasts.streaming.ivs.IvsStreaming"},
    }[STREAMING_PROVIDER]
}

# --- Room and shop ----------------------------------------------------------------------------------------
CHAT_MAX_LENGTH = env.integer("CHAT_MAX_LENGTH", 200)
CHAT_RATE_PER_10_SECONDS = env.integer("CHAT_RATE_PER_10_SECONDS", 8)
# Of one web process. Mobile networks put hundreds of people behind one address.
ROOM_MAX_CONNECTIONS = env.integer("ROOM_MAX_CONNECTIONS", 12_000)
ROOM_MAX_CONNECTIONS_PER_ADDRESS = env.integer("ROOM_MAX_CONNECTIONS_PER_ADDRESS", 500)
# What happens in a room within this time after a frame travels in the next one.
ROOM_WINDOW_MS = env.integer("ROOM_WINDOW_MS", 100)
ROOM_MAX_CONNECTIONS_PER_VIEWER = env.integer("ROOM_MAX_CONNECTIONS_PER_VIEWER", 10)
HOLD_SECONDS = env.integer("HOLD_SECONDS", 600)
HOLD_EXTENSION_SECONDS = env.integer("HOLD_EXTENSION_SECONDS", 180)
# How many checkouts may begin within a second; whoever comes then waits in line.
CHECKOUTS_AT_ONCE = env.integer("CHECKOUTS_AT_ONCE", 100)
DEAL_GRACE_SECONDS = env.integer("DEAL_GRACE_SECONDS", 8)
WAITING_HOLD_SECONDS = env.integer("WAITING_HOLD_SECONDS", 900)
COMMISSION_BASIS_POINTS = env.integer("COMMISSION_BASIS_POINTS", 500)
CLAIM_ANSWER_HOURS = env.integer("CLAIM_ANSWER_HOURS", 48)
AUTO_DELIVER_DAYS = env.integer("AUTO_DELIVER_DAYS", 7)
AUTO_CONFIRM_DAYS = env.integer("AUTO_CONFIRM_DAYS", 7)
DISPUTE_DAYS = env.integer("DISPUTE_DAYS", 14)
OFFER_HOURS = env.integer("OFFER_HOURS", 24)
NO_SHOW_HOURS = env.integer("NO_SHOW_HOURS", 48)

# --- Payments ---------------------------------------------------------------------------------------------
SANDBOX_PAYMENTS = env.flag("SANDBOX_PAYMENTS", default=DEBUG)
STRIPE_SECRET_KEY = env.text("STRIPE_SECRET_KEY", "")
STRIPE_WEBHOOK_SECRET = env.text("STRIPE_WEBHOOK_SECRET", "")
STRIPE_API_BASE = env.text("STRIPE_API_BASE", "https://api.stripe.com").rstrip("/")
TOSS_SECRET_KEY = env.text("TOSS_SECRET_KEY", "")
TOSS_API_BASE = env.text("TOSS_API_BASE", "https://api.tosspayments.com").rstrip("/")
# Each with what its provider keeps, in hundredths of a per cent.
PAYMENTS: dict[str, dict[str, Any]] = {}
if TOSS_SECRET_KEY:
    PAYMENTS["toss"] = {
        "BACKEND": "orders.payments.toss.TossPayments",
        "FEE_BASIS_POINTS": env.integer("TOSS_FEE_BASIS_POINTS", 320),
    }
if STRIPE_SECRET_KEY:
    PAYMENTS["stripe"] = {
        "BACKEND": "orders.payments.stripe.StripePayments",
        "FEE_BASIS_POINTS": env.integer("STRIPE_FEE_BASIS_POINTS", 360),
    }
if SANDBOX_PAYMENTS:
    PAYMENTS["sandbox"] = {
        "BACKEND": "orders.payments.sandbox.SandboxPayments",
        "FEE_BASIS_POINTS": 290,
    }
# Those offered to buyers, the first one chosen; the others still settle and refund what they took.
PAYMENT_METHODS = env.words("PAYMENT_METHODS", ",".join(PAYMENTS))
if unknown := set(PAYMENT_METHODS) - set(PAYMENTS):
    raise ImproperlyConfigured(
        f"PAYMENT_METHODS names {', '.join(sorted(unknown))}, whose keys are not set; see docs/settings.md."
    )

# --- Security ---------------------------------------------------------------------------------------------
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
if not DEBUG:
    SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = env.integer("SECURE_HSTS_SECONDS", 31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

_sockets = SITE_URL.replace("http", "ws", 1)
_media = [INGEST_PUBLIC_HTTP_URL, *([MEDIA_BASE_URL] if MEDIA_BASE_URL.startswith("http") else [])]
_uploads = [S3_UPLOADS_ORIGIN] if MEDIA_STORAGE == "s3" else []
# The provider's own player runs WebAssembly and fetches from the provider's domain.
_ivs = ["https://*.live-video.net"] if STREAMING_PROVIDER == "ivs" else []
_recordings = [IVS_RECORDINGS_BASE_URL] if STREAMING_PROVIDER == "ivs" and IVS_RECORDINGS_BASE_URL else []
# Browsers hold a form to this also where the answer sends them on to.
_pay_pages = [
    *(["https://checkout.stripe.com"] if STRIPE_SECRET_KEY else []),
    *(["https://*.tosspayments.com"] if TOSS_SECRET_KEY else []),
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, *(["'wasm-unsafe-eval'"] if _ivs else [])],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_media, *_ivs, *_recordings],
        "media-src": [SELF, "blob:", *_media, *_ivs, *_recordings],
        "connect-src": [SELF, _sockets, *_media, *_uploads, *_ivs, *_recordings],
        "worker-src": [SELF, "blob:"],
        "font-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF, *_pay_pages],
    }
}

LOGGING = configure_logs(debug=DEBUG, level=env.text("LOG_LEVEL", "INFO"))
