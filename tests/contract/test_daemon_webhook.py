"""The webhook against a real HTTP server."""

import json
import logging
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from edgepose.daemon.config.settings import WebhookSettings
from edgepose.daemon.events.event import Event
from edgepose.daemon.events.store import EventStore
from edgepose.daemon.outlets import courier, webhook
from edgepose.daemon.outlets.webhook import WebhookOutlet
from edgepose.errors import ConfigError
from tests.outlet_world import List, free_port, make_event, wait_for


class Server:
    """Remembers what was posted; answers what `answer(n, event)` says: (status, headers) or None for nothing."""

    def __init__(self, answer, port=0):
        self.posts, self.answer, self.release = [], answer, threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def revisions(self):
        return [body["revision"] for body, _ in self.posts]

    def _handler(server):
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.posts.append((body, {**self.headers, "path": self.path, "at": time.monotonic()}))
                answer = server.answer(len(server.posts), body)
                if answer is None:
                    server.release.wait(30)
                    return
                self.send_response(answer[0])
                for name, value in answer[1].items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(b"thank you")

            def log_message(self, *arguments):
                pass
        return Handler

    def close(self):
        self.release.set()
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(courier, "FIRST_S", 0.005)
    monkeypatch.setattr(courier, "MOST_S", 0.02)


@pytest.fixture
def serve():
    servers = []

    def start(answer=lambda n, event: (200, {}), port=0):
        servers.append(Server(answer, port))
        return servers[-1]
    yield start
    for one in servers:
        one.close()


@pytest.fixture
def post():
    """Opens webhooks, and closes them."""
    outlets = []

    def open_webhook(url, store, **settings):
        outlets.append(WebhookOutlet(WebhookSettings(url, **settings), store))
        outlets[-1].open()
        return outlets[-1]
    yield open_webhook
    for one in outlets:
        one.close()


def test_webhook_when_events_come_posts_them_in_order(serve, post, tmp_path):
    (tmp_path / "token").write_text("s3cret-token\n")
    server, store = serve(), List(*(make_event(n) for n in range(1, 50)))
    outlet = post(f"http://127.0.0.1:{server.port}/in/s3cret?a=b", store, token_file=str(tmp_path / "token"))
    wait_for(lambda: len(store.done) == 49, "all delivered")
    assert server.revisions == list(range(1, 50))
    body, headers = server.posts[0]
    assert Event.of(body) == store.entries[0][1] and headers["path"] == "/in/s3cret?a=b"
    assert headers["Authorization"] == "Bearer s3cret-token" and headers["Content-Type"].startswith("application/json")
    assert headers["Idempotency-Key"] == f"{body['id']}-1"
    outlet.announce(store.add(make_event(50)))
    wait_for(lambda: len(store.done) == 50, "the new one")
    assert outlet.health()["n_delivered"] == 50


def test_webhook_when_the_server_fails_tries_again_and_keeps_the_order(serve, post):
    server = serve(lambda n, event: (503 if n % 3 else 200, {}))
    store = List(*(make_event(n) for n in range(1, 6)))
    outlet = post(f"http://127.0.0.1:{server.port}/", store)
    wait_for(lambda: len(store.done) == 5, "all delivered")
    assert server.revisions == [n for n in range(1, 6) for _ in range(3)]
    assert outlet.health()["n_retries"] == 10 and outlet.health()["n_refused"] == 0


def test_webhook_when_an_event_is_refused_for_good_gives_it_up_after_a_few_tries(serve, post, caplog):
    server = serve(lambda n, event: (400 if event["revision"] == 2 else 200, {}))
    store = List(*(make_event(n) for n in range(1, 4)))
    outlet = post(f"http://127.0.0.1:{server.port}/s3cret", store)
    wait_for(lambda: len(store.done) == 3, "all done with")
    assert server.revisions == [1, *[2] * courier.N_TRIES, 3]
    assert outlet.health()["n_refused"] == 1 and store.entries[1][1].id in caplog.text
    assert "s3cret" not in caplog.text + repr(outlet) + outlet.name


def test_webhook_when_told_to_come_later_does_not_give_up(serve, post):
    server = serve(lambda n, event: (429 if n < 3 * courier.N_TRIES else 204, {"Retry-After": "0"}))
    store = List(make_event())
    post(f"http://127.0.0.1:{server.port}/", store)
    wait_for(lambda: store.done, "delivered")
    assert len(server.posts) == 3 * courier.N_TRIES


def test_webhook_when_told_how_long_to_wait_waits_so_long(serve, post):
    server, store = serve(lambda n, event: (503, {"Retry-After": "1"}) if n == 1 else (200, {})), List(make_event())
    post(f"http://127.0.0.1:{server.port}/", store)
    wait_for(lambda: store.done, "delivered")
    assert server.posts[1][1]["at"] - server.posts[0][1]["at"] >= 1.0


@pytest.mark.parametrize("text, least, most", [("7", 7, 7), ("999999999", 3600, 3600), ("-1", None, None),
                                               ("soon", None, None), (None, None, None), ("", None, None),
                                               (formatdate(0, usegmt=True), 0, 0)])
def test_retry_after_when_read_is_seconds_or_nothing(text, least, most):
    found = webhook._seconds(text)
    assert found is None if least is None else least <= found <= most


def test_retry_after_when_it_is_a_date_is_the_time_until_then():
    assert 90 <= webhook._seconds(formatdate(time.time() + 100, usegmt=True)) <= 101


def test_webhook_when_the_server_is_away_delivers_when_it_is_back(serve, post, tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    port, store = free_port(), EventStore(tmp_path / "events.sqlite")
    outlet = WebhookOutlet(WebhookSettings(f"http://127.0.0.1:{port}/"), store)
    store.open((outlet.name,))
    store.attach(outlet)
    outlet.open()
    for n in range(1, 20):
        store.put(make_event(n))
    wait_for(lambda: outlet.health()["n_retries"] > 5, "some tries")
    assert outlet.health()["state"] == "down" and store.health()["outlets"][outlet.name]["backlog"] == 19
    server = serve(port=port)
    wait_for(lambda: outlet.health()["n_delivered"] == 19, "all delivered")
    assert server.revisions == list(range(1, 20)) and store.health()["outlets"][outlet.name]["backlog"] == 0
    assert caplog.text.count("do not arrive") == 1 and "arrive again" in caplog.text
    outlet.close()
    store.close()


def test_webhook_when_the_server_never_answers_times_out_and_closing_does_not_wait(serve, post):
    server = serve(lambda n, event: None)
    store = List(make_event())
    hasty = post(f"http://127.0.0.1:{server.port}/", store, timeout_s=0.05)
    wait_for(lambda: hasty.health()["n_retries"] > 1, "time-outs")
    hasty.close()
    n, patient = len(server.posts), post(f"http://127.0.0.1:{server.port}/", store, timeout_s=60.0)
    wait_for(lambda: len(server.posts) > n, "a post")
    thread = patient._courier._thread
    patient.close()
    patient.close()
    assert not thread.is_alive()


def test_webhook_when_only_alarms_are_wanted_passes_notices_over(serve, post):
    server = serve()
    store = List(make_event(1, severity="notice"), make_event(2), make_event(3, severity="notice"))
    post(f"http://127.0.0.1:{server.port}/", store, severities=("alarm",))
    wait_for(lambda: len(store.done) == 3, "all done with")
    assert server.revisions == [2]


def test_webhook_when_its_token_changes_uses_the_new_one(serve, post, tmp_path):
    token, server, store = tmp_path / "token", serve(), List(make_event(1))
    token.write_text("first")
    outlet = post(f"http://127.0.0.1:{server.port}/", store, token_file=str(token))
    wait_for(lambda: len(store.done) == 1, "the first")
    token.write_text("sec\x07ond")
    outlet.announce(store.add(make_event(2)))
    wait_for(lambda: "token" in (outlet.health()["error"] or ""), "a complaint")
    token.write_text("second")
    wait_for(lambda: len(store.done) == 2, "the second")
    assert [headers["Authorization"] for _, headers in server.posts] == ["Bearer first", "Bearer second"]


@pytest.mark.parametrize("url", ["", "ftp://x/", "http://", "http://a:b@x/", "http://x:99999/", "http://x/\r\nHost: y",
                                 "http://x/ y", "file:///etc/passwd", "http://[::1/"])
def test_webhook_when_its_address_is_wrong_refuses_it(url):
    with pytest.raises(ConfigError, match="^webhook: url") as caught:
        WebhookOutlet(WebhookSettings(url), List())
    assert "a:b" not in str(caught.value)


def test_webhook_when_its_token_file_is_missing_says_which(tmp_path):
    with pytest.raises(ConfigError, match=r"no\.txt: the token cannot be read: No such file"):
        WebhookOutlet(WebhookSettings("http://x/", token_file=str(tmp_path / "no.txt")), List()).open()


def test_webhook_when_something_of_ours_fails_goes_on_with_the_next_event(serve, post, monkeypatch):
    text_of = webhook.text_of

    def fail(event):
        if event.revision == 1:
            raise RecursionError("too deep")
        return text_of(event)
    monkeypatch.setattr(webhook, "text_of", fail)
    server, store = serve(), List(make_event(1), make_event(2))
    outlet = post(f"http://127.0.0.1:{server.port}/", store)
    wait_for(lambda: len(store.done) == 2, "both done with")
    assert server.revisions == [2] and outlet.health()["n_refused"] == 1
