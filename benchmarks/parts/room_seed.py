"""A live show, and members with their sessions: python -m benchmarks.parts.room_seed MEMBERS FILE; prints its code.

The file gets a Cookie header for each member, as their browsers send it after opening the show's page.
"""

import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import django


def main(members: int, file: Path) -> None:
    django.setup()
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore
    from django.contrib.sessions.models import Session
    from django.utils import timezone
    from django.utils.crypto import get_random_string

    from accounts.models import User
    from accounts.socket_ticket import COOKIE, Ticket, sign_ticket
    from broadcasts.models import Broadcast, Channel
    from chat.models import Message, Room

    names = ["seller", *(f"viewer{number}" for number in range(members))]
    seller, *viewers = User.objects.bulk_create(
        User(username=name, nickname=name, name=name, email=f"{name}@example.com", password="!")  # noqa: S106 nobody signs in by it
        for name in names
    )
    channel, _ = Channel.objects.get_or_create(member=seller)
    show = Broadcast.objects.create(
        channel=channel, title="벤치마크", status="live", started_at=timezone.now()
    )
    room = Room.objects.create(broadcast=show, last_seq=50)
    Message.objects.bulk_create(
        Message(
            room=room, seq=seq, author=seller, text="어서 오세요, 오늘만 이 가격이에요", key=UUID(int=seq)
        )
        for seq in range(1, 51)
    )
    store, expires = SessionStore(), timezone.now() + timedelta(days=1)
    sessions = []
    for viewer in viewers:
        data = {
            SESSION_KEY: str(viewer.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
            HASH_SESSION_KEY: viewer.get_session_auth_hash(),
        }
        key = get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789")
        sessions.append(Session(session_key=key, session_data=store.encode(data), expire_date=expires))
    Session.objects.bulk_create(sessions, batch_size=1000)
    lines = [
        f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {COOKIE}="
        + sign_ticket(Ticket(viewer.pk, viewer.code, viewer.nickname), session.session_key)
        for session, viewer in zip(sessions, viewers, strict=True)
    ]
    file.write_text("\n".join(lines))
    print(show.code)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
