"""The cookie that tells sockets who comes."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts import socket_ticket
from accounts.socket_ticket import COOKIE, Ticket, give_ticket, read_ticket
from tests.makers import make_member

pytestmark = pytest.mark.django_db


def signed_in(client, member):
    client.force_login(member)
    request = RequestFactory().get("/")
    request.user, request.session = member, client.session
    return request


def test_it_names_the_member_of_its_session_only(client):
    member = make_member(nickname="보는사람")
    request, response = signed_in(client, member), HttpResponse()
    give_ticket(request, response)
    cookie = response.cookies[COOKIE]
    assert read_ticket(cookie.value, request.session.session_key) == Ticket(
        member.pk, member.code, "보는사람"
    )
    assert read_ticket(cookie.value, "another session") is None
    assert read_ticket(cookie.value[:-1], request.session.session_key) is None
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/ws/", True, "Lax")


def test_it_runs_out(client, monkeypatch):
    request, response = signed_in(client, make_member()), HttpResponse()
    give_ticket(request, response)
    monkeypatch.setattr(socket_ticket, "MAX_AGE_SECONDS", -1)
    assert read_ticket(response.cookies[COOKIE].value, request.session.session_key) is None


def test_a_guest_gets_none(client):
    response = client.get("/")
    assert COOKIE not in response.cookies
    assert read_ticket("", "session") is None
