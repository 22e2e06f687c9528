"""Topics, commands, descriptions for Home Assistant, JSON lines, metrics."""

import json
import os
from pathlib import Path

import jsonschema
import pytest

from edgepose.daemon import outlets
from edgepose.daemon.backoff import Backoff
from edgepose.daemon.config.settings import MqttSettings, Settings, WebhookSettings
from edgepose.daemon.outlets import courier, home_assistant, lines, state
from edgepose.daemon.outlets.commands import read_acknowledgement, read_mode
from edgepose.daemon.outlets.lines import LinesOutlet
from edgepose.daemon.outlets.metrics import Metrics
from edgepose.daemon.outlets.topics import Topics, is_plain, plain
from edgepose.errors import SinkError
from tests.outlet_world import CAMERAS, HEALTH, Hub, List, make_event, wait_for

SCHEMA = json.loads((Path(outlets.__file__).parents[2] / "schemas" / "event-1.schema.json").read_text())
TOPICS = Topics("attic")


@pytest.mark.parametrize("name", ["vor der Tür", "a/b", "a+b", "#", "", "ü" * 100, "x\0y"])
def test_topics_when_a_name_is_strange_make_a_plain_one_of_it(name):
    assert is_plain(plain(name)) and plain(name) != plain(name + "!") and not set("/+#") & set(plain(name))


def test_topics_when_names_are_plain_keep_them():
    assert TOPICS.of_rule("hall", "fallen") == "edgepose/attic/hall/rules/fallen"
    assert plain("a_b") == "a_b" != plain("a b")


def test_commands_when_right_are_read():
    event_id = make_event().id
    assert read_mode(b" away\n") == "away"
    assert read_acknowledgement(event_id.encode()) == (event_id, None)
    assert read_acknowledgement(json.dumps({"id": event_id, "by": "Änne"}).encode()) == (event_id, "Änne")


def test_description_when_made_is_what_home_assistant_asks_for():
    made = home_assistant.describe(TOPICS, CAMERAS, Hub().about())
    assert made["device"]["identifiers"] == ["edgepose_attic"] and made["origin"]["name"] == "edgepose"
    assert made["availability"] == [{"topic": "edgepose/attic/availability"}]
    components = made["components"]
    assert len({component["unique_id"] for component in components.values()}) == len(components)
    for key, component in components.items():
        assert is_plain(key) and component["platform"] in ("sensor", "binary_sensor", "select")
        assert component["state_topic"].startswith("edgepose/attic/")
        assert "options" in component or component["platform"] != "select"
    assert components["mode"]["command_topic"] == "edgepose/attic/mode/set"
    assert components["hall_rule_fallen"]["device_class"] == "safety"


@pytest.mark.parametrize("before", [b"", b"\xff", b"[]", b"{}", b'{"components": 3}', b'{"components": {"x": 3}}',
                                    b'{"components": {"x": {}}}', b"[" * 10_000])
def test_description_when_an_earlier_one_is_nonsense_is_left_alone(before):
    assert home_assistant.gone(before, home_assistant.describe(TOPICS, CAMERAS, {})) is None


def test_description_when_an_earlier_one_had_more_marks_that_as_gone():
    now = home_assistant.describe(TOPICS, CAMERAS, {})
    before = {"components": {**now["components"], "old": {"platform": "sensor", "name": "Old"}}}
    assert home_assistant.gone(json.dumps(before).encode(), now)["components"]["old"] == {"platform": "sensor"}
    assert home_assistant.gone(json.dumps(now).encode(), now) is None


def test_templates_when_states_are_filled_in_find_their_keys():
    health = json.loads(state.health_messages(TOPICS, HEALTH)[TOPICS.health])
    camera = json.loads(state.health_messages(TOPICS, HEALTH)[TOPICS.of_camera("hall", "health")])
    assert health == {"temperature_c": 48.3, "memory_mb": 123.0, "uptime_s": 61, "store": "writing", "n_waiting": 0}
    assert camera == {"state": "live", "fps": 10.0, "blind": None, "n_drops": 3, "n_reconnects": 2}
    for component in home_assistant.describe(TOPICS, CAMERAS, {})["components"].values():
        if component["state_topic"] in (TOPICS.health, TOPICS.of_camera("hall", "health")):
            key = component["value_template"].split("value_json.")[1].split(" ")[0]
            assert key in (health if component["state_topic"] == TOPICS.health else camera)


def test_states_when_events_are_open_name_the_newest():
    old, new = make_event(severity="notice"), make_event(4, people=2, escalations=3)
    told = state.rule_messages(TOPICS, CAMERAS, [old, new])
    assert json.loads(told[TOPICS.of_rule("hall", "fallen")])["event"] == new.id
    alarm = json.loads(state.alarm_text([old, new]))
    assert (alarm["state"], alarm["n"], alarm["event"], alarm["escalations"]) == ("ON", 1, new.id, 3)


def test_backoff_when_failures_go_on_doubles_up_to_a_bound():
    backoff = Backoff(1.0, 60.0)
    waits = [backoff.next_s() for _ in range(100)]
    assert all(0.5 * min(2.0**n, 60) <= wait <= min(2.0**n, 60) for n, wait in enumerate(waits))
    backoff.reset()
    assert backoff.next_s() <= 1.0


@pytest.fixture
def write(tmp_path):
    """Opens outlets of JSON lines to a file, and closes them."""
    opened = []

    def open_lines(store, path=tmp_path / "events.jsonl"):
        opened.append(LinesOutlet(str(path), store))
        opened[-1].open()
        return opened[-1]
    yield open_lines
    for one in opened:
        one.close()


def test_lines_when_events_come_hold_one_valid_object_each(write, tmp_path):
    store = List(*(make_event(n) for n in range(1, 40)))
    write(store)
    wait_for(lambda: len(store.done) == 39, "all written")
    found = [json.loads(line) for line in (tmp_path / "events.jsonl").read_text().splitlines()]
    assert [table["revision"] for table in found] == list(range(1, 40))
    jsonschema.validate(found[0], SCHEMA)


def test_lines_when_a_crash_tore_the_last_one_take_it_back(write, tmp_path):
    (tmp_path / "events.jsonl").write_bytes(b'{"a": 1}\n{"b": ')
    store = List(make_event())
    write(store)
    wait_for(lambda: store.done, "written")
    assert [len(json.loads(line)) for line in (tmp_path / "events.jsonl").read_text().splitlines()] == [1, 21]


def test_lines_when_the_file_is_moved_away_begin_a_new_one(write, tmp_path):
    store = List(make_event(1))
    outlet = write(store)
    wait_for(lambda: store.done, "the first")
    (tmp_path / "events.jsonl").rename(tmp_path / "events.jsonl.1")
    outlet.announce(store.add(make_event(2)))
    wait_for(lambda: len(store.done) == 2, "the second")
    assert json.loads((tmp_path / "events.jsonl").read_text())["revision"] == 2


def test_lines_when_the_disk_is_full_leave_no_torn_line_and_come_later(write, tmp_path, monkeypatch):
    full = [True]

    def write_half(fd, data):
        if full:
            os.write(fd, data[:10])
            raise OSError(28, "No space left on device")
        os.write(fd, data)
    monkeypatch.setattr(lines, "_write", write_half)
    monkeypatch.setattr(courier, "FIRST_S", 0.01)
    store = List(make_event())
    outlet = write(store)
    wait_for(lambda: outlet.health()["n_retries"] > 1, "tries")
    assert "No space left" in outlet.health()["error"] and (tmp_path / "events.jsonl").read_bytes() == b""
    full.clear()
    wait_for(lambda: store.done, "written")
    assert len((tmp_path / "events.jsonl").read_text().splitlines()) == 1


def test_lines_when_the_directory_is_not_there_say_so(write, tmp_path):
    with pytest.raises(SinkError, match=r"no/x\.jsonl: cannot be written: No such file"):
        write(List(), tmp_path / "no" / "x.jsonl")


def test_metrics_when_asked_for_are_prometheus_text():
    parser = pytest.importorskip("prometheus_client.parser")
    metrics = Metrics(Hub())
    families = {family.name: family for family in parser.text_string_to_metric_families(metrics.text().decode())}
    samples = {(s.name, *sorted(s.labels.values())): s.value for family in families.values() for s in family.samples}
    assert samples["edgepose_camera_frames_total", "hall"] == 70 and samples["edgepose_temperature_celsius",] == 48.3
    assert samples["edgepose_frame_latency_seconds_bucket", "0.1"] == 4
    assert samples["edgepose_frame_latency_seconds_bucket", "+Inf"] == 6
    assert samples["edgepose_frame_latency_seconds_sum",] == 0.6
    assert samples["edgepose_events_total", "fall", "fallen", "hall"] == 4
    assert samples["edgepose_outlet_backlog_revisions", "mqtt"] == 2
    assert samples["edgepose_camera_state", "hall", "live"] == 1
    assert samples["edgepose_camera_blind", "dark", "hall"] == 0
    assert all(name.startswith("edgepose_") and family.documentation for name, family in families.items())
    assert metrics.content_type.startswith("text/plain")


def test_metrics_when_nothing_is_known_yet_are_still_text():
    pytest.importorskip("prometheus_client")
    hub = Hub()
    hub.health = dict
    assert b"edgepose_build_info" in Metrics(hub).text()


def test_outlets_when_configured_are_made():
    pytest.importorskip("paho.mqtt.client")
    webhooks = [WebhookSettings(f"http://x/{path}") for path in "ab"]
    webhooks.append(WebhookSettings("http://x/b", severities=("alarm",)))
    settings = Settings((), mqtt=MqttSettings("x"), lines="/tmp/x", webhooks=tuple(webhooks))
    names = [outlet.name for outlet in outlets.create(settings, Hub(), List())]
    assert names[0] == "mqtt" and names[-1] == "lines" and len(set(names)) == 5
    assert outlets.create(Settings(()), Hub(), List()) == []
