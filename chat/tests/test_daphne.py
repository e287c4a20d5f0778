"""The same room under the server behind `runserver`."""

from chat.tests.browser import Browser
from chat.tests.servers import DAPHNE, serving


def test_the_room_works_under_daphne(broadcast, member):
    with serving(DAPHNE) as server:
        guest, writer = Browser(server).open(broadcast.code), Browser(server, member).open(broadcast.code)
        writer.say("안녕하세요")
        assert guest.next("chat.message")["text"] == "안녕하세요"
        guest.say("저도요")
        assert guest.next("chat.refused")["code"] == "sign_in"
        assert Browser(server).open("nosuchroom12", sync=False).close_code() == 4004
        assert not server.errors()
