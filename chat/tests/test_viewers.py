"""Counting distinct viewers over processes that may die."""

import time

from chat.tests.browser import Browser
from chat.tests.servers import serving, wait_until
from common.presence import count_viewers

IN_TIME = 10


def test_a_guest_in_two_tabs_is_one_viewer(visit, broadcast):
    browser = visit()
    browser.open(broadcast.code)
    assert browser.open(broadcast.code).state["viewers"] == 1
    assert visit().open(broadcast.code).state["viewers"] == 2
    assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == 2)


def test_a_member_on_two_devices_is_one_viewer(visit, broadcast, member):
    visit(member).open(broadcast.code)
    assert visit(member).open(broadcast.code).state["viewers"] == 1


def test_the_cookie_of_a_guest_is_for_sockets_only(visit, broadcast):
    cookie = visit().open(broadcast.code).socket.response.headers["set-cookie"]
    assert cookie.endswith("; HttpOnly; Path=/ws/; SameSite=Lax")


def test_a_made_up_cookie_is_replaced(visit, broadcast):
    browser = visit()
    browser.cookies["viewer"] = "x" * 500
    browser.open(broadcast.code)
    assert len(browser.cookies["viewer"]) == 12


def test_a_member_needs_no_cookie(visit, broadcast, member):
    browser = visit(member)
    browser.open(broadcast.code)
    assert "viewer" not in browser.cookies


def test_others_are_told_who_came_and_who_closed_the_tab(visit, broadcast):
    stays = visit().open(broadcast.code)
    leaves = visit()
    leaves.open(broadcast.code)
    stays.next("viewers.changed", count=2, seconds=IN_TIME)
    leaves.close()
    stays.next("viewers.changed", count=1, seconds=IN_TIME)
    assert wait_until(lambda: count_viewers([broadcast.room])[broadcast.room] == 1)


def test_a_reload_changes_nothing(visit, broadcast):
    stays = visit().open(broadcast.code)
    reloads = visit()
    reloads.open(broadcast.code)
    stays.next("viewers.changed", count=2, seconds=IN_TIME)
    for _ in range(3):
        reloads.close()
        reloads.open(broadcast.code)
        time.sleep(1)  # longer than the two ticks in which a viewer who left would fade
    assert not [event for event in stays.settle() if event["type"] == "viewers.changed"]


def test_viewers_of_a_process_that_dies_fade_in_time(visit, broadcast):
    stays = visit().open(broadcast.code)
    with serving() as other:
        guests = [Browser(other) for _ in range(3)]
        for guest in guests:
            guest.open(broadcast.code)
        stays.next("viewers.changed", count=4, seconds=IN_TIME)
        other.kill()
        died = time.monotonic()
        stays.next("viewers.changed", count=1, seconds=IN_TIME)
        assert time.monotonic() - died <= IN_TIME
        for guest in guests:
            guest.close()


def test_the_same_viewer_in_two_processes_is_one(visit, broadcast, member):
    stays = visit().open(broadcast.code)
    with serving() as other:
        here, there = visit(member), Browser(other, member)
        here.open(broadcast.code)
        there.open(broadcast.code)
        stays.next("viewers.changed", count=2, seconds=IN_TIME)
        there.close()
        time.sleep(5)  # two ticks and the time to fade
        assert not [event for event in stays.settle() if event["type"] == "viewers.changed"]
