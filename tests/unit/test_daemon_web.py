"""The page's server in pieces: addresses, hosts, sessions, tries, mail, zones, filters."""

import pytest

from edgepose.daemon.config.settings import WebSettings
from edgepose.daemon.web import events, sessions, viewers
from edgepose.daemon.web.address import Hosts, check_password, read_address, same_origin
from edgepose.daemon.web.attempts import MAX_ADDRESSES, Attempts
from edgepose.daemon.web.zones import read_zones
from edgepose.errors import ConfigError
from tests.daemon_hub import HubDouble, make_event


class Clock:
    """A time that passes when told to."""

    def __init__(self):
        self.now_s = 1000.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


@pytest.mark.parametrize("listen, host, port", [
    ("127.0.0.1:8420", "127.0.0.1", 8420), ("[::1]:80", "::1", 80), ("localhost:0", "localhost", 0),
    ("0.0.0.0:8420", "0.0.0.0", 8420)])
def test_address_when_well_formed_is_read(listen, host, port):
    address = read_address(listen)
    assert (address.host, address.port) == (host, port)


@pytest.mark.parametrize("listen", ["", ":8420", "127.0.0.1", "host:port", "1.2.3.4:99999", "a/b:80", "[::1:80"])
def test_address_when_malformed_is_refused_by_name(listen):
    with pytest.raises(ConfigError, match="web.listen: .*is no address"):
        read_address(listen)


@pytest.mark.parametrize("listen, names", [
    ("0.0.0.0:8420", ()), ("[::]:8420", ()), ("192.0.2.1:80", ()), ("board:80", ()),
    ("127.0.0.1:8420", ("board.example",))])
def test_password_when_others_can_call_is_asked_for(listen, names):
    with pytest.raises(ConfigError, match="--hash-password"):
        check_password(read_address(listen), WebSettings(listen, None, names))
    check_password(read_address(listen), WebSettings(listen, "scrypt$…", names))


@pytest.mark.parametrize("listen", ["127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1"])
def test_password_when_only_this_machine_can_call_is_not_asked_for(listen):
    check_password(read_address(listen), WebSettings(listen))


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8420", "127.0.0.1:9", "[::1]:8420", "board.example:443"])
def test_host_when_ours_is_known(host):
    assert Hosts(read_address("127.0.0.1:1"), ("Board.example",)).knows(host)


@pytest.mark.parametrize("host", ["", "evil.example", "192.0.2.1", "localhost.evil.example", "[::1", "a b", "[", "@"])
def test_host_when_not_ours_is_unknown(host):
    assert not Hosts(read_address("127.0.0.1:1")).knows(host)


def test_host_when_listening_to_others_takes_any_number_but_no_name():
    hosts = Hosts(read_address("0.0.0.0:1"))
    assert hosts.knows("192.0.2.1:1") and hosts.knows("[2001:db8::1]") and not hosts.knows("evil.example")


@pytest.mark.parametrize("origin, same", [
    ("http://board:8420", True), ("https://BOARD:8420", True), ("http://board", False), ("null", False), ("", False),
    ("http://evil", False), ("file://board:8420", False), ("http://board:8420@evil", False), ("http://[", False)])
def test_origin_is_the_same_only_with_name_and_port(origin, same):
    assert same_origin(origin, "board:8420") is same


def test_session_when_idle_or_old_ends(clock):
    held = sessions.Sessions(clock)
    first, second = held.begin(), held.begin()
    clock.now_s += sessions.IDLE_S - 1
    assert held.find(first.token) is first
    clock.now_s += 2
    assert held.find(second.token) is None and held.find(first.token) is first
    clock.now_s += sessions.AGE_S
    assert held.find(first.token) is None and len(held) == 0


def test_session_when_ended_is_gone():
    held = sessions.Sessions()
    session = held.begin()
    held.end(session)
    held.end(session)
    assert held.find(session.token) is None and not held.holds(session)


def test_sessions_when_too_many_lose_who_was_away_longest(clock):
    held = sessions.Sessions(clock)
    begun = [held.begin() for _ in range(sessions.MAX_SESSIONS)]
    held.find(begun[0].token)
    held.begin()
    assert held.find(begun[0].token) and held.find(begun[1].token) is None
    assert len(held) == sessions.MAX_SESSIONS


def test_tokens_differ():
    held = sessions.Sessions()
    made = [held.begin() for _ in range(20)]
    assert len({session.token for session in made} | {session.csrf for session in made}) == 40


def test_tries_when_used_up_come_back_with_time(clock):
    attempts = Attempts(clock)
    assert [attempts.wait_s("192.0.2.1") for _ in range(5)] == [0] * 5
    assert attempts.wait_s("192.0.2.1") == pytest.approx(30)
    assert attempts.wait_s("192.0.2.2") == 0
    clock.now_s += 30
    assert attempts.wait_s("192.0.2.1") == 0 and attempts.wait_s("192.0.2.1") > 0


def test_tries_when_from_many_addresses_are_limited_in_all(clock):
    attempts = Attempts(clock)
    waits = [attempts.wait_s(f"192.0.2.{n}") for n in range(40)]
    assert waits[:30] == [0] * 30 and all(wait > 0 for wait in waits[30:])


def test_tries_of_one_house_of_ipv6_count_as_one(clock):
    attempts = Attempts(clock)
    waits = [attempts.wait_s(f"2001:db8:1:2::{n:x}") for n in range(6)]
    assert waits[4] == 0 and waits[5] > 0


def test_tries_when_one_was_right_are_forgiven(clock):
    attempts = Attempts(clock)
    for _ in range(5):
        attempts.wait_s("192.0.2.1")
    attempts.forgive("192.0.2.1")
    assert attempts.wait_s("192.0.2.1") == 0


def test_tries_remember_a_bounded_number_of_addresses(clock):
    attempts = Attempts(clock)
    for n in range(MAX_ADDRESSES + 50):
        attempts.wait_s(f"10.0.{n // 250}.{n % 250}")
    assert len(attempts._places) == MAX_ADDRESSES


def test_mail_keeps_only_the_newest_poses_of_each_camera():
    mail = viewers.Mail()
    for n in range(1000):
        mail.put("poses", ("hall", f'{{"seq":{n}}}'))
    mail.put("poses", ("pool", "{}"))
    assert list(mail.take()) == ['{"type":"poses","camera":"hall","poses":{"seq":999}}',
                                 '{"type":"poses","camera":"pool","poses":{}}']
    assert list(mail.take()) == []


def test_mail_when_cameras_are_named_gives_those():
    mail = viewers.Mail()
    mail.put("poses", ("hall", "{}"))
    assert list(mail.take({"pool"})) == []


def test_mail_when_events_overflow_says_that_some_were_missed():
    mail = viewers.Mail()
    for n in range(viewers.MAX_EVENTS + 5):
        mail.put("event", make_event(n))
    assert list(mail.take()) == ['{"type":"missed"}']
    mail.put("event", make_event(1))
    assert len(list(mail.take())) == 1


def test_viewers_when_the_loop_is_stuck_ring_only_once(tmp_path):
    hub, rings = HubDouble(tmp_path), []

    class Stuck:
        def call_soon_threadsafe(self, function):
            rings.append(function)

    all_viewers = viewers.Viewers(hub)
    all_viewers._viewers, all_viewers._loop = (), Stuck()
    for _ in range(1000):
        all_viewers._hear("poses", ("hall", "{}"))
    assert len(rings) == 1


ZONE = {"name": "lawn", "points": [[0, 0], [1, 0], [1, 1]], "body_near": 0.5, "body_far": None}


def test_zones_when_well_formed_come_with_all_their_keys():
    assert read_zones({"zones": [ZONE, {"name": "line", "points": [[0, 0], [1, 1]]}]}) == [
        ZONE, {"name": "line", "points": [[0, 0], [1, 1]], "body_near": None, "body_far": None}]


@pytest.mark.parametrize("zone, line", [
    ({**ZONE, "points": [[0, 0]]}, "zone 'lawn': points: it takes 2 to 64 pairs"),
    ({**ZONE, "points": [[0, 0], [1, 1.5]]}, "points"), ({**ZONE, "points": [[0, 0], [True, 1]]}, "points"),
    ({**ZONE, "points": "no"}, "points"), ({**ZONE, "name": ""}, "zone 1: name"), ({**ZONE, "name": "a\n"}, "name"),
    ({**ZONE, "name": 7}, "name"), ({**ZONE, "body_near": 0}, "body_near"), ({**ZONE, "body_far": "x"}, "body_far"),
    ({**ZONE, "more": 1}, "it takes name, points"), ([], "zone 1: it takes")])
def test_zones_when_malformed_are_refused_by_name(zone, line):
    with pytest.raises(ConfigError, match=line):
        read_zones({"zones": [zone]})


@pytest.mark.parametrize("zones", [None, {}, "x", [ZONE] * 65])
def test_zones_when_no_list_of_some_are_refused(zones):
    with pytest.raises(ConfigError, match="at most 64"):
        read_zones({"zones": zones})


def test_events_when_filtered_go_on_where_they_ended(tmp_path):
    hub, seen, before = HubDouble(tmp_path), [], None
    for _ in range(10):
        found, before = events.find(hub, 5, before, {"kind": "line", "camera": "garden"})
        seen += found
        if before is None:
            break
    assert [event.id for event in seen] == [event.id for event in hub.events(100) if event.kind == "line"]


def test_events_when_nothing_passes_end():
    class Endless:
        """A store with more events than anybody wants to look through."""

        n = 0

        def events(self, limit, before, camera):
            self.n += limit
            return [make_event(n) for n in range(limit)]

    hub = Endless()
    found, before = events.find(hub, 5, None, {"kind": "fall"})
    assert found == [] and before is not None and hub.n == events.MAX_LOOKED


def test_events_that_wait_are_alarms_not_acknowledged(tmp_path):
    found, _ = events.find(HubDouble(tmp_path), 50, None, {"waiting": ""})
    assert [event.kind for event in found] == ["fall"]
