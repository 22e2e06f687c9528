"""What the page's API gives and takes, over a Hub with real poses."""

import gzip
import json

import pytest

from edgepose.daemon.web.page import Page
from tests.daemon_hub import SECRET, HubDouble, event_id, make_event
from tests.daemon_web import serving

ALARM = event_id(60)


@pytest.fixture
def hub(tmp_path):
    return HubDouble(tmp_path)


@pytest.fixture
def caller(hub):
    with serving(hub, metrics=lambda: "edgepose_up 1\n") as caller:
        yield caller.meet()


def test_state_holds_all_that_a_page_shows(caller, hub):
    state = caller.get("/api/state").table
    assert sorted(state) == ["about", "cameras", "health", "mode"] and state["mode"] == hub.mode()
    assert [camera["name"] for camera in state["cameras"]] == ["garden", "hall", "pool"]


@pytest.mark.parametrize("path", ["/api/state", "/api/health"])
def test_secrets_of_cameras_are_masked_once_more(caller, path):
    answer = caller.get(path)
    assert answer.status == 200 and SECRET.encode() not in answer.data and b"***" in answer.data


def test_mode_when_set_is_another(caller, hub):
    answer = caller.ask("PUT", "/api/mode", {"mode": "supervised"})
    assert answer.status == 200 and answer.table["mode"] == "supervised" == hub.mode()["mode"]


def test_mode_when_there_is_none_such_says_which_there_are(caller, hub):
    answer = caller.ask("PUT", "/api/mode", {"mode": "holiday"})
    assert answer.status == 422 and "away, supervised, off" in answer.table["error"] and hub.asked == []


def test_zones_when_saved_come_back_with_the_camera(caller, hub):
    zones = [{"name": "bed", "points": [[0, 0], [0.5, 0], [0.5, 0.5]], "body_near": None, "body_far": 0.25}]
    answer = caller.ask("PUT", "/api/cameras/hall/zones", {"zones": zones})
    assert answer.status == 200 and answer.table["name"] == "hall" and answer.table["zones"] == zones
    assert hub.asked == [("zones", "hall", zones, "page")]


def test_zones_when_the_configuration_refuses_them_say_every_line(caller, hub):
    answer = caller.ask("PUT", "/api/cameras/garden/zones", {"zones": []})
    assert answer.status == 422 and len(answer.table["errors"]) == 2 and "gate" in answer.table["errors"][1]


@pytest.mark.parametrize("path", ["/api/cameras/attic/zones", "/api/cameras/%2e%2e/zones", "/api/cameras/a%00/zones"])
def test_zones_of_a_camera_that_there_is_not_are_refused(caller, hub, path):
    assert caller.ask("PUT", path, {"zones": []}).status == 404 and hub.asked == []


def test_picture_where_allowed_is_a_jpeg(caller, hub):
    answer = caller.get("/api/cameras/hall/picture")
    assert answer.headers["Content-Type"] == "image/jpeg" and answer.data == hub.picture("hall")


@pytest.mark.parametrize("camera", ["garden", "attic"])
def test_picture_where_not_allowed_is_none(caller, camera):
    assert caller.get(f"/api/cameras/{camera}/picture").status == 404


def test_events_come_newest_first_and_go_on(caller):
    first = caller.get("/api/events?limit=50").table
    second = caller.get(f"/api/events?limit=50&before={first['before']}").table
    ids = [event["id"] for event in first["events"] + second["events"]]
    assert ids == [event_id(n) for n in range(60, -1, -1)] and second["before"] is None


def test_events_of_one_camera_and_kind(caller):
    found = caller.get("/api/events?camera=garden&kind=line&limit=200").table["events"]
    assert len(found) == 12 and {(event["camera"], event["kind"]) for event in found} == {("garden", "line")}


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "limit=-1", "limit=%D9%A1", "limit=", "limit=1e2",
                                   "before=../x", "before=", "before=%00"])
def test_events_when_asked_for_wrongly_say_what_is_taken(caller, query):
    answer = caller.get(f"/api/events?{query}")
    assert answer.status == 400 and "it takes" in answer.table["error"]


def test_event_is_given_by_its_id(caller, hub):
    assert caller.get(f"/api/events/{ALARM}").table == json.loads(json.dumps(hub.event(ALARM).as_table()))
    assert caller.get("/api/events/01JDNONE").status == 404


def test_acknowledgement_is_remembered_with_who_gave_it(caller, hub):
    answer = caller.ask("POST", f"/api/events/{ALARM}/acknowledge")
    assert answer.status == 200 and answer.table["acknowledged_by"] == "page"
    assert hub.event(ALARM).acknowledged_ms is not None
    assert caller.get("/api/events?waiting").table["events"] == []


def test_acknowledgement_of_no_event_is_refused(caller, hub):
    assert caller.ask("POST", "/api/events/01JDNONE/acknowledge").status == 404 and hub.asked == []


def test_clip_of_skeletons_is_json_however_it_travels(caller):
    packed = caller.get(f"/api/events/{ALARM}/clip", **{"Accept-Encoding": "gzip"})
    plain = caller.get(f"/api/events/{ALARM}/clip", **{"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed.data) == plain.data and plain.table["schema"] == "edgepose.clip/1"


def test_clip_of_video_is_given_in_parts(caller, hub, tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(bytes(range(256)) * 8)
    hub.clip = lambda name: {"kind": "video", "path": path}
    whole = caller.get(f"/api/events/{ALARM}/clip")
    part = caller.get(f"/api/events/{ALARM}/clip", Range="bytes=256-511")
    assert whole.headers["Content-Type"] == "video/mp4" and whole.data == path.read_bytes()
    assert part.status == 206 and part.data == bytes(range(256))
    assert part.headers["X-Content-Type-Options"] == "nosniff" and part.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("kind", ["skeleton", "video"])
def test_clip_whose_file_has_gone_meanwhile_is_none(caller, hub, tmp_path, kind):
    hub.clip = lambda name: {"kind": kind, "path": tmp_path / "gone"}
    assert caller.get(f"/api/events/{ALARM}/clip").status == 404


def test_clip_of_an_event_without_one_is_none(caller, hub):
    hub.put(make_event(70, clip=False))
    assert caller.get(f"/api/events/{event_id(70)}/clip").status == 404


def test_metrics_are_text(caller):
    answer = caller.get("/metrics")
    assert answer.data == b"edgepose_up 1\n" and answer.headers["Content-Type"].startswith("text/plain")


def test_metrics_where_there_are_none_say_so(hub):
    with serving(hub) as caller:
        assert caller.get("/metrics").status == 404


def test_healthz_answers_without_a_word_too_many(caller):
    assert caller.get("/healthz").data == b"ok\n"


def test_method_that_is_not_taken_is_refused_with_those_that_are(caller):
    answer = caller.ask("DELETE", "/api/mode")
    assert answer.status == 405 and answer.headers["Allow"] == "PUT"


def test_page_files_are_kept_by_browsers_until_they_change(caller):
    first = caller.get("/page/code/main.js")
    again = caller.get("/page/code/main.js", **{"If-None-Match": first.headers["ETag"]})
    assert first.status == 200 and again.status == 304 and again.data == b""


@pytest.mark.parametrize("name, kind", [
    ("code/main.js", "text/javascript"), ("style/base.css", "text/css"), ("icon.svg", "image/svg+xml"),
    ("app.webmanifest", "application/manifest+json")])
def test_page_files_have_their_types(caller, name, kind):
    assert caller.get(f"/page/{name}").headers["Content-Type"].partition(";")[0] == kind


def test_page_names_nobody_elsewhere(caller):
    allowed = ("http://www.w3.org/2000/svg",)
    for name in Page().names():
        text = caller.get(f"/page/{name}").data.decode()
        for word in allowed:
            text = text.replace(word, "")
        assert "http://" not in text and "https://" not in text and "innerHTML" not in text, name


def test_page_has_no_script_or_style_in_its_markup(caller):
    text = caller.get("/").data.decode()
    assert "<style" not in text and "style=" not in text and " on" not in text.split("<body>")[1].replace(" on ", "")
    assert text.count("<script") == text.count('<script type="module" src="/page/') == 1
