from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_out

        from accounts.receivers import end_member_sockets

        user_logged_out.connect(end_member_sockets)
