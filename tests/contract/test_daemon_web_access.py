"""Who may do what on the page: passwords, sessions, tokens, hosts, origins, tries, limits."""

import base64
import logging
import socket
import time

import pytest

from edgepose.daemon.config.settings import WebSettings
from edgepose.daemon.web import guard, server
from edgepose.daemon.web.server import WebServer
from edgepose.errors import ConfigError, SinkError
from tests.daemon_hub import SECRET, HubDouble
from tests.daemon_web import PASSWORD, Caller, cheap_hash, serving

CLOSED = ["/api/state", "/api/health", "/api/live", "/api/events", "/api/events/01JD", "/api/events/01JD/clip",
          "/api/cameras/hall/picture", "/metrics", "/nothing"]
CHANGES = [("PUT", "/api/mode", {"mode": "off"}), ("POST", "/api/events/01JD0000000000000000000060/acknowledge", {}),
           ("PUT", "/api/cameras/hall/zones", {"zones": []}), ("POST", "/api/logout", {})]


@pytest.fixture
def hub(tmp_path):
    return HubDouble(tmp_path)


@pytest.fixture
def caller(hub):
    """Somebody on this machine, where no password is asked."""
    with serving(hub, metrics=lambda: "up 1\n") as caller:
        yield caller


@pytest.fixture
def stranger(hub):
    """Somebody who has not logged in, where a password is asked."""
    with serving(hub, password=cheap_hash(), names=("board.example",), metrics=lambda: "up 1\n") as caller:
        yield caller


def test_server_when_others_can_call_and_no_password_does_not_start(hub):
    with pytest.raises(ConfigError, match="--hash-password"):
        WebServer(hub, WebSettings("0.0.0.0:0"))


def test_server_when_the_port_is_taken_says_so(caller, hub):
    with pytest.raises(ConfigError, match=f"{caller.address} cannot be listened on"):
        WebServer(hub, WebSettings(caller.address)).open()


def test_server_when_closed_twice_has_no_thread_left(hub):
    opened = WebServer(hub, WebSettings("127.0.0.1:0")).open()
    opened.close()
    opened.close()
    assert not opened._thread.is_alive()
    with pytest.raises(OSError):
        Caller(opened.address).get("/")


def test_server_that_never_opened_closes(hub):
    WebServer(hub, WebSettings("127.0.0.1:0")).close()


@pytest.mark.parametrize("path", CLOSED)
def test_stranger_gets_nothing(stranger, path):
    answer = stranger.get(path)
    assert answer.status == 401 and answer.table == {"error": "log in first"}


@pytest.mark.parametrize("path", ["/", "/page/code/main.js", "/healthz", "/api/session"])
def test_stranger_gets_the_door(stranger, path):
    assert stranger.get(path).status == 200


def test_door_says_nothing_of_cameras(stranger):
    seen = b"".join(stranger.get(path).data for path in ("/", "/healthz", "/api/session"))
    assert not any(word in seen for word in (b"garden", b"hall", b"/etc/", SECRET.encode()))


@pytest.mark.parametrize("method, path, table", CHANGES)
def test_stranger_changes_nothing(stranger, hub, method, path, table):
    assert stranger.ask(method, path, table).status == 401 and hub.asked == []


def test_login_opens_and_logout_closes(stranger):
    assert stranger.log_in().status == 200 and stranger.get("/api/state").status == 200
    assert stranger.ask("POST", "/api/logout", {}).status == 200
    assert stranger.get("/api/state").status == 401  # with the cookie of before


def test_login_cookie_is_not_for_scripts_or_other_sites(stranger):
    cookie = stranger.log_in().headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Secure" not in cookie


def test_login_cookie_when_behind_tls_travels_by_tls_only(stranger):
    answer = stranger.ask("POST", "/api/login", {"password": PASSWORD}, {
        "Host": "board.example", "Origin": "https://board.example", "X-Forwarded-Proto": "https"})
    assert "Secure" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " ", "\x00", "ü" * 1000])
def test_login_with_a_wrong_password_fails(stranger, password):
    answer = stranger.log_in(password)
    assert answer.status == 401 and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("table", [{}, {"password": 7}, {"password": None}, {"password": "x" * 1025}])
def test_login_without_a_password_fails(stranger, table):
    assert stranger.ask("POST", "/api/login", table).status == 400


def test_login_when_tried_too_often_must_wait(stranger):
    assert [stranger.log_in("wrong").status for _ in range(6)] == [401] * 5 + [429]
    answer = stranger.log_in(PASSWORD)
    assert answer.status == 429 and 1 <= int(answer.headers["Retry-After"]) <= 31
    assert answer.table["wait_s"] == int(answer.headers["Retry-After"])


def test_login_never_writes_a_password_to_the_log(stranger, caplog):
    with caplog.at_level(logging.DEBUG):
        stranger.log_in("my-other-password")
        stranger.log_in()
        stranger.get("/api/state")
    assert "wrong password from 127.0.0.1" in caplog.text
    assert not any(secret in caplog.text for secret in ("my-other-password", PASSWORD, SECRET, stranger.csrf))


def test_fault_when_nobody_foresaw_it_stays_in_the_log(caller, hub, caplog):
    hub.mode = None
    answer = caller.get("/api/state")
    assert answer.status == 500 and answer.table == {"error": "this went wrong on the board; its log says more"}
    assert "GET /api/state failed" in caplog.text


def test_fault_that_was_foreseen_is_said_in_its_own_words(caller, hub):
    def full(*_):
        raise SinkError("/etc/edgepose/daemon.toml: no space left on device")

    hub.set_zones = full
    answer = caller.meet().ask("PUT", "/api/cameras/hall/zones", {"zones": []})
    assert answer.status == 500 and answer.table["error"].endswith("no space left on device")


@pytest.mark.parametrize("method, path, table", CHANGES)
@pytest.mark.parametrize("token", [None, "", "x", "ü"])
def test_change_without_the_token_is_refused(caller, hub, method, path, table, token):
    headers = {} if token is None else {"X-CSRF-Token": token.encode()}
    answer = caller.ask(method, path, table, headers)
    assert answer.status == 403 and "X-CSRF-Token" in answer.table["error"] and hub.asked == []


def test_change_with_the_token_of_another_session_is_refused(stranger, hub):
    stranger.log_in()
    other = Caller(stranger.address)
    other.log_in()
    other.csrf = stranger.csrf
    assert other.ask("PUT", "/api/mode", {"mode": "off"}).status == 403 and hub.asked == []
    other.close()


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://localhost:1"])
@pytest.mark.parametrize("method, path", [("PUT", "/api/mode"), ("POST", "/api/login"), ("GET", "/api/live")])
def test_call_of_another_sites_page_is_refused(caller, hub, origin, method, path):
    answer = caller.meet().ask(method, path, None if method == "GET" else {"mode": "off"}, {"Origin": origin})
    assert answer.status == 403 and hub.asked == []


def test_call_of_our_own_page_passes(caller, hub):
    answer = caller.meet().ask("PUT", "/api/mode", {"mode": "off"}, {
        "Origin": f"http://{caller.address}", "Sec-Fetch-Site": "same-origin"})
    assert answer.status == 200 and hub.asked == [("mode", "off", "page")]


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_picture_in_another_sites_page_is_refused(caller, site):
    assert caller.get("/api/cameras/hall/picture", **{"Sec-Fetch-Site": site}).status == 403


def test_link_on_another_site_leads_to_the_page(caller):
    assert caller.get("/", **{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8420", "192.0.2.1", ""])
def test_name_that_is_not_ours_is_refused(caller, host):
    answer = caller.meet().get("/api/state", Host=host)
    assert answer.status == 421 and "web.names" in answer.table["error"]


def test_name_in_the_configuration_is_ours(stranger):
    assert stranger.get("/", Host="board.example:8420").status == 200


@pytest.mark.parametrize("path", ["/", "/page/code/main.js", "/api/state", "/api/nothing", "/metrics", "/healthz"])
def test_answer_carries_what_browsers_need_to_be_careful(caller, path):
    headers = caller.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff" and headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin" and headers["Server"] == "edgepose"
    assert headers["Cache-Control"] == ("no-cache" if path in ("/", "/page/code/main.js") else "no-store")


def basic(password):
    return {"Authorization": "Basic " + base64.b64encode(f"prometheus:{password}".encode()).decode()}


def test_metrics_with_the_password_in_the_request_are_given(stranger):
    for _ in range(8):  # asked often, and no try is used up by what is right
        assert stranger.get("/metrics", **basic(PASSWORD)).data == b"up 1\n"


def test_password_in_the_request_opens_nothing_else(stranger):
    assert stranger.get("/api/state", **basic(PASSWORD)).status == 401
    assert stranger.ask("POST", "/metrics", {}, basic(PASSWORD)).status == 401


def test_metrics_with_a_wrong_password_are_limited(stranger):
    assert [stranger.get("/metrics", **basic("x")).status for _ in range(6)] == [401] * 5 + [429]


@pytest.mark.parametrize("code", ["", "Basic", "Basic !!", "Basic /w==", "Bearer x"])
def test_metrics_with_no_readable_password_are_refused(stranger, code):
    assert stranger.get("/metrics", Authorization=code).status == 401


@pytest.mark.parametrize("path", [
    "/page/../server.py", "/page/%2e%2e/server.py", "/page/..%2fserver.py", "/page//etc/passwd",
    "/page/%2fetc%2fpasswd", "/page/code/../../server.py", "/page/..\\server.py", "/page/index.html%00.js",
    "/../../etc/passwd", "/page/.hidden", "/page/", "/page/code", "/page/code/"])
def test_path_that_leads_out_finds_nothing(caller, path):
    text = caller.raw(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert text.split()[1] in (b"404", b"400") and b"root:" not in text and b"import" not in text


@pytest.mark.parametrize("name", ["..%2f..%2fetc%2fpasswd", "%00", "01JD.json", "x" * 41, "a/b", ".."])
def test_clip_of_what_is_no_event_finds_nothing(caller, hub, name):
    asked = []
    hub.clip = asked.append
    assert caller.get(f"/api/events/{name}/clip").status in (400, 404) and asked == []


def test_body_that_is_too_long_is_refused(caller):
    assert caller.meet().ask("PUT", "/api/mode", body=b" " * 70_000).status == 413


def test_body_that_does_not_come_is_given_up(caller, monkeypatch):
    monkeypatch.setattr("edgepose.daemon.web.body.TIMEOUT_S", 0.05)
    caller.meet()
    text = caller.raw("PUT /api/mode HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      f"X-CSRF-Token: {caller.csrf}\r\nContent-Length: 50\r\n\r\n{{")
    assert text.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_body_that_a_form_can_send_is_refused(caller, hub, kind):
    assert caller.meet().ask("PUT", "/api/mode", {"mode": "off"}, {"Content-Type": kind}).status == 415
    assert hub.asked == []


def test_connection_that_says_nothing_is_closed(hub, monkeypatch):
    monkeypatch.setattr(server, "SILENCE_S", 0.1)
    with serving(hub) as caller:
        host, port = caller.address.split(":")
        with socket.create_connection((host, int(port)), timeout=10) as silent:
            assert silent.recv(1) == b""


def test_connections_beyond_the_limit_are_refused_and_those_before_live(caller, monkeypatch):
    monkeypatch.setattr(guard, "MAX_CONNECTIONS", 2)
    assert caller.get("/healthz").status == 200
    others = [Caller(caller.address) for _ in range(2)]
    assert [other.get("/healthz").status for other in others] == [200, 503]
    assert caller.get("/healthz").status in (200, 503)
    for other in others:
        other.close()


def test_server_when_somebody_watches_closes_soon(hub):
    with serving(hub) as caller:
        host, port = caller.address.split(":")
        watcher = socket.create_connection((host, int(port)), timeout=10)
        watcher.sendall(b"GET /api/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        assert b"101" in watcher.recv(12)
        begin = time.monotonic()
    assert time.monotonic() - begin < 2 * server.CLOSE_S  # its thread was waited for
    assert hub.n_listeners == 0
    watcher.close()
