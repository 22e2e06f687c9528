"""Every handler, fuzzed: whatever comes, the answer is one of ours and the server lives."""

import asyncio
import json

import aiohttp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgepose.daemon.web.routes import ROUTES
from tests.daemon_hub import HubDouble, event_id
from tests.daemon_web import PASSWORD, cheap_hash, serving

FAST = settings(max_examples=40, deadline=None, derandomize=True,
                suppress_health_check=[HealthCheck.function_scoped_fixture])
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
PATHS = sorted({route.path for route in ROUTES})
WORDS = st.one_of(st.sampled_from(["hall", "garden", event_id(60), "..", "%2e%2e", "%00", "%ff", "a%2fb"]),
                  st.text("abzAZ019-_.~%!$&'()*+,;=:@", max_size=60))
PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
PLAIN = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                     lambda inner: (st.lists(inner, max_size=4)
                                    | st.dictionaries(st.text(max_size=10), inner, max_size=4)), max_leaves=12)
NUMBERS = st.one_of(st.floats(-0.5, 1.5), st.just(0), st.just(1), st.just(10**400), PLAIN)
ZONES = st.fixed_dictionaries({}, optional={
    "name": st.sampled_from(["lawn", "gate", "x"]) | PLAIN,
    "points": st.lists(st.lists(NUMBERS, max_size=3), max_size=5) | PLAIN,
    "body_near": NUMBERS, "body_far": NUMBERS, "more": PLAIN})


@pytest.fixture(scope="module")
def caller(tmp_path_factory):
    with serving(HubDouble(tmp_path_factory.mktemp("clips")), metrics=lambda: "up 1\n") as caller:
        yield caller.meet()


@pytest.fixture(scope="module")
def locked(tmp_path_factory):
    """Where a password is asked."""
    with serving(HubDouble(tmp_path_factory.mktemp("clips")), password=cheap_hash()) as caller:
        yield caller


def check(answer, *wanted):
    """It is one of our answers, and no word of what went on inside."""
    assert answer.status < 500 and (not wanted or answer.status in wanted), (answer.status, answer.data)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert b"Traceback" not in answer.data and b".py" not in answer.data


@FAST
@given(st.sampled_from(METHODS), st.sampled_from(PATHS), st.data())
@pytest.mark.parametrize("who", ["caller", "locked"])
def test_handler_when_path_query_and_body_are_anything_answers(request, who, method, pattern, data):
    path = pattern
    for name in ("{camera}", "{id}", "{path:.+}"):
        path = path.replace(name, data.draw(WORDS) or "x")
    query = data.draw(st.dictionaries(st.sampled_from(["limit", "before", "camera", "kind", "x"]), WORDS, max_size=3))
    body = data.draw(st.none() | st.binary(max_size=200))
    text = "&".join(f"{key}={value}" for key, value in query.items())
    check(request.getfixturevalue(who).ask(method, f"{path}?{text}", body=body))


@FAST
@given(st.dictionaries(st.sampled_from(["Origin", "Cookie", "X-CSRF-Token", "Content-Type", "Range", "Accept-Encoding",
                                        "If-None-Match", "Authorization", "Sec-Fetch-Site", "X-Forwarded-Proto"]),
                       PRINTABLE, max_size=4),
       st.sampled_from([("GET", "/api/state"), ("PUT", "/api/mode"), ("GET", "/"), ("GET", "/metrics"),
                        ("GET", f"/api/events/{event_id(60)}/clip"), ("GET", "/api/live")]))
def test_handler_when_headers_are_anything_answers(locked, headers, call):
    method, path = call
    headers = {name: value.strip().encode("latin-1") for name, value in headers.items()}
    check(locked.ask(method, path, headers=headers, body=None if method == "GET" else b"{}"))


@FAST
@given(st.lists(ZONES, max_size=3) | PLAIN)
def test_zones_when_they_are_anything_are_saved_or_refused(caller, zones):
    answer = caller.ask("PUT", "/api/cameras/hall/zones", body=json.dumps({"zones": zones}))
    check(answer, 200, 400, 422)
    if answer.status == 200:
        assert json.loads(json.dumps(answer.table["zones"], allow_nan=False)) == answer.table["zones"]


@FAST
@given(PLAIN)
def test_mode_when_it_is_anything_is_set_or_refused(caller, mode):
    check(caller.ask("PUT", "/api/mode", body=json.dumps({"mode": mode})), 200, 400, 422)


@FAST
@given(PLAIN)
def test_login_when_it_is_anything_but_the_password_stays_closed(locked, word):
    answer = locked.ask("POST", "/api/login", body=json.dumps({"password": word}))
    check(answer, 400, 401, 429)
    assert word != PASSWORD and "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("body", [b"[" * 60_000, b'{"mode":"\\ud800"}', b'{"mode":NaN}', b"\xff", b"9" * 50_000, b"",
                                  b'"text"', b'{"mode":"o', b"\x00", b'{"a":' * 9_000])
def test_body_that_is_no_table_is_refused(caller, body):
    check(caller.ask("PUT", "/api/mode", body=body), 400)


@pytest.mark.parametrize("text", [
    "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "y" * 20_000 + "\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"X-{n}: 1\r\n" for n in range(500)) + "\r\n",
    "POST /api/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /" + "a" * 20_000 + " HTTP/1.1\r\nHost: localhost\r\n\r\n", "\x00\xff\xfe" * 100 + "\r\n\r\n"])
def test_bytes_that_are_no_request_are_refused_and_the_server_lives(caller, text):
    assert b" 200 " not in (caller.raw(text).splitlines() or [b""])[0]
    assert caller.get("/healthz").status == 200


@settings(FAST, max_examples=15)
@given(st.lists(st.text(max_size=200) | PLAIN.map(json.dumps) | PLAIN.map(lambda word: json.dumps({"watch": word})),
                max_size=6))
def test_live_when_a_browser_says_anything_goes_on(caller, messages):
    async def talk():
        async with aiohttp.ClientSession() as session:
            async with session.ws_connect(f"http://{caller.address}/api/live") as socket:
                for message in messages:
                    await socket.send_str(message)
                assert json.loads(await socket.receive_str(timeout=20))["type"] == "state"
    asyncio.run(talk())
