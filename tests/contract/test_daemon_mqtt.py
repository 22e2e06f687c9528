"""The MQTT outlet against a real mosquitto."""

import json
import os
import random
import shutil
import socket
import subprocess
import threading

import pytest

from edgepose.daemon.config.settings import MqttSettings
from edgepose.daemon.events.store import EventStore
from edgepose.daemon.outlets import clients, link, mqtt, node
from edgepose.errors import ConfigError
from tests.outlet_world import Broker, Ear, Hub, List, free_port, make_event, next_revision, wait_for

pytest.importorskip("paho.mqtt.client")
BASE = "edgepose/attic"
CONFIG = "homeassistant/device/edgepose_attic/config"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """A broker that lets everybody in."""
    one = Broker(tmp_path_factory.mktemp("broker"), "allow_anonymous true").start()
    yield one
    one.stop()


@pytest.fixture
def ear(broker):
    one = Ear(broker.port)
    yield one
    for topic, text in list(one.last.items()):  # the next test begins with an empty broker
        if text:
            one.say(topic, "", retain=True)
    one.close()


@pytest.fixture
def hub():
    return Hub()


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    """Connect again at once, look at states often."""
    monkeypatch.setattr(link, "FIRST_S", 0.02)
    monkeypatch.setattr(link, "MOST_S", 0.05)
    monkeypatch.setattr(mqtt, "TURN_S", 0.05)
    monkeypatch.setattr(node, "ALIVE_S", 0.01)
    monkeypatch.setattr(node, "MODE_S", 0.05)


@pytest.fixture
def connect(hub):
    """Opens outlets, and closes them."""
    outlets = []

    def open_outlet(port, store=None, hub=hub, **settings):
        settings = MqttSettings("127.0.0.1", port, **{"node": "attic", **settings})
        outlets.append(mqtt.MqttOutlet(settings, hub, List() if store is None else store))
        outlets[-1].open()
        return outlets[-1]
    yield open_outlet
    for one in outlets:
        one.close()


def events_of(ear):
    """(id, revision, retained) of the events heard, None for a topic that was cleared."""
    told = [(topic, text) for topic, text, _ in ear.heard if topic.startswith(f"{BASE}/events/")]
    return [(topic.rsplit("/", 1)[1], json.loads(text)["revision"] if text else None) for topic, text in told]


def test_mqtt_when_it_comes_and_goes_says_so(broker, ear, connect):
    outlet = connect(broker.port)
    wait_for(lambda: ear.last.get(f"{BASE}/availability") == "online", "online")
    wait_for(lambda: ear.last.get(f"{BASE}/mode") == "away" and f"{BASE}/hall/health" in ear.last, "mode and health")
    assert outlet.health()["state"] == "live"
    outlet.close()
    outlet.close()
    wait_for(lambda: ear.last[f"{BASE}/availability"] == "offline", "offline")


def test_mqtt_when_it_dies_the_broker_says_so(broker, ear, connect):
    outlet = connect(broker.port)
    wait_for(lambda: ear.last.get(f"{BASE}/availability") == "online", "online")
    outlet._closing.set()
    outlet._farewell = lambda: None
    outlet._link.wake()
    outlet._thread.join(5)
    outlet._link._client.socket().shutdown(socket.SHUT_RDWR)
    wait_for(lambda: ear.last[f"{BASE}/availability"] == "offline", "the last will")


def test_mqtt_when_an_event_lives_and_ends_keeps_it_at_the_broker_as_long(broker, ear, connect):
    store = List(first := make_event())
    outlet = connect(broker.port, store)
    topic = f"{BASE}/events/{first.id}"
    wait_for(lambda: store.done == [1], "the broker's answer")
    late = Ear(broker.port)
    wait_for(lambda: topic in late.last, "what the broker kept")
    assert late.heard and json.loads(late.last[topic]) == first.as_table()
    outlet.announce(store.add(next_revision(first, state="closed", closed_ms=5)))
    wait_for(lambda: store.done == [1, 2], "the broker's answer")
    wait_for(lambda: late.last[topic] == "", "a cleared topic")
    assert [revision for _, revision in events_of(late)] == [1, 2, None]
    late.close()


def test_mqtt_when_an_event_is_acknowledged_clears_its_topic(broker, ear, connect):
    event = make_event(2, acknowledged_ms=7, acknowledged_by="anna")
    connect(broker.port, List(event))
    wait_for(lambda: events_of(ear) == [(event.id, 2), (event.id, None)], "the event and an empty topic")


def test_mqtt_when_the_broker_is_gone_for_a_while_delivers_all_in_order(tmp_path, connect):
    broker = Broker(tmp_path, "allow_anonymous true").start()
    store = EventStore(tmp_path / "events.sqlite")
    store.open(("mqtt",))
    outlet = connect(broker.port, store)
    store.attach(outlet)
    first = make_event()
    store.put(first)
    wait_for(lambda: outlet.health()["n_delivered"] == 1, "the first event")
    broker.stop()
    wait_for(lambda: outlet.health()["state"] == "down", "that it is noticed")
    events = [make_event() for _ in range(100)]
    for event in events:
        store.put(event)
    assert store.flush(10) and store.health()["outlets"]["mqtt"]["backlog"] == 100
    broker.start()
    ear = Ear(broker.port)
    wait_for(lambda: outlet.health()["n_delivered"] == 101, "all events")
    wait_for(lambda: len({event_id for event_id, _ in events_of(ear)} & {e.id for e in events}) == 100, "all heard")
    assert store.health()["outlets"]["mqtt"]["backlog"] == 0 and outlet.health()["n_connects"] == 2
    ear.close()
    store.close()
    broker.stop()


def test_mqtt_when_the_broker_dies_in_the_middle_loses_and_reorders_nothing(tmp_path, connect):
    broker = Broker(tmp_path, "allow_anonymous true").start()
    store, heard, last = List(), [], 300
    outlet = connect(broker.port, store)
    feeder = threading.Thread(target=lambda: [outlet.announce(store.add(make_event(n + 1))) for n in range(last)])
    for n_before in (30, 60, 90, last):
        ear = Ear(broker.port)
        if n_before == 30:
            feeder.start()
        wait_for(lambda: len(store.done) >= n_before, "some are delivered")  # noqa: B023
        if n_before == last:
            wait_for(lambda: (last in [revision for _, revision in events_of(ear)]), "the last one")  # noqa: B023
        broker.stop()
        heard += [revision for _, revision in events_of(ear) if revision]
        ear.close()
        broker.start()
    broker.stop()
    first_heard = list(dict.fromkeys(heard))
    assert store.done == list(range(1, last + 1)) and first_heard == sorted(first_heard)


def test_mqtt_when_the_password_is_refused_says_why_and_comes_in_with_a_new_one(tmp_path, connect, caplog):
    if not shutil.which("mosquitto_passwd"):
        pytest.skip("needs mosquitto_passwd")
    passwords, mine = tmp_path / "passwords", tmp_path / "mine"
    passwords.touch(mode=0o600)
    subprocess.run(["mosquitto_passwd", "-b", passwords, "anna", "s3cret-right"], check=True, capture_output=True)
    passwords.chmod(0o644)
    mine.write_text("s3cret-wrong\n")
    broker = Broker(tmp_path, "allow_anonymous false", f"password_file {passwords}", "user root").start()
    outlet = connect(broker.port, user="anna", password_file=str(mine))
    wait_for(lambda: "refuses" in (outlet.health()["error"] or ""), "a refusal")
    assert outlet.health()["n_connects"] == 0
    mine.write_text("s3cret-right\n")
    wait_for(lambda: outlet.health()["state"] == "live", "a connection")
    assert "s3cret" not in caplog.text + repr(outlet) + str(outlet.health())
    broker.stop()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A self-made authority, and a certificate of it for localhost."""
    place = tmp_path_factory.mktemp("certificates")
    if not shutil.which("openssl"):
        pytest.skip("needs openssl")

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=place, check=True, capture_output=True)
    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.crt",
                "-days", "2", "-subj", f"/CN={name}")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "server.key", "-out", "server.csr", "-subj", "/CN=x")
    (place / "names").write_text("subjectAltName = IP:127.0.0.1")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-out",
            "server.crt", "-days", "2", "-extfile", "names")
    (place / "server.key").chmod(0o644)
    return place


def test_mqtt_when_spoken_with_tls_checks_who_answers(certificates, tmp_path, connect):
    broker = Broker(tmp_path, "allow_anonymous true", f"cafile {certificates}/ca.crt", "user root",
                    f"certfile {certificates}/server.crt", f"keyfile {certificates}/server.key").start()
    stranger = connect(broker.port, tls=True, ca_file=str(certificates / "other.crt"), node="other")
    wait_for(lambda: "CERTIFICATE_VERIFY_FAILED" in stranger.health()["error"], "a refusal")
    plain = connect(broker.port, node="plain")
    store = List(*(make_event() for _ in range(40)))
    outlet = connect(broker.port, store, tls=True, ca_file=str(certificates / "ca.crt"))
    wait_for(lambda: len(store.done) == 40, "all events")
    assert outlet.health()["state"] == "live" and stranger.health()["n_connects"] == plain.health()["n_connects"] == 0
    broker.stop()


def test_mqtt_when_a_file_is_missing_says_which(tmp_path, connect):
    with pytest.raises(ConfigError, match=r"no\.crt: the certificate authority's file"):
        connect(1, tls=True, ca_file=str(tmp_path / "no.crt"))
    (tmp_path / "no.crt").write_text("nonsense")
    with pytest.raises(ConfigError, match="holds no certificate"):
        connect(1, tls=True, ca_file=str(tmp_path / "no.crt"))
    with pytest.raises(ConfigError, match=r"no\.txt: the password cannot be read"):
        connect(1, user="anna", password_file=str(tmp_path / "no.txt"))
    with pytest.raises(ConfigError, match="node 'a/b' should be letters"):
        connect(1, node="a/b")


def test_mqtt_when_told_a_mode_or_an_acknowledgement_passes_it_on(broker, ear, connect, hub):
    connect(broker.port)
    wait_for(lambda: ear.last.get(f"{BASE}/availability") == "online", "online")
    event_id = make_event().id
    ear.say(f"{BASE}/mode/set", "supervised")
    ear.say(f"{BASE}/acknowledge", event_id)
    ear.say(f"{BASE}/acknowledge", json.dumps({"id": event_id, "by": "anna"}))
    wait_for(lambda: len(hub.acknowledged) == 2, "both acknowledgements")
    assert hub.modes[1:] == [("supervised", "mqtt")]
    assert hub.acknowledged == [(event_id, "mqtt"), (event_id, "mqtt: anna")]
    wait_for(lambda: ear.last[f"{BASE}/mode"] == "supervised", "the mode's echo")


def test_mqtt_when_told_nonsense_believes_none_of_it(broker, ear, connect, hub):
    outlet = connect(broker.port)
    wait_for(lambda: ear.last.get(f"{BASE}/availability") == "online", "online")
    chance, event_id = random.Random(3), make_event().id
    payloads = [b"", b"AWAY", b"away\0", b"x" * 5000, b'{"id": 3}', b"[" * 400, b'{"id": "../../etc/passwd"}', b"\xff",
                json.dumps({"id": event_id, "by": "x" * 33}).encode(), json.dumps({"id": event_id, "b": 1}).encode(),
                json.dumps({"id": event_id, "by": "a\nb"}).encode(), event_id.lower().encode(), b"null", b"NaN"]
    payloads += [chance.randbytes(chance.randrange(60)) for _ in range(200)]
    for payload in payloads:
        for topic in ("mode/set", "acknowledge"):
            ear.client.publish(f"{BASE}/{topic}", payload, qos=1)
        ear.client.publish("homeassistant/status", payload, qos=1)
    wait_for(lambda: outlet.health()["n_refused_commands"] == 2 * len(payloads), "that all are refused")
    assert hub.modes == [("away", "start")] and hub.acknowledged == [] and outlet.health()["n_faults"] == 0
    ear.say(f"{BASE}/mode/set", "off")
    wait_for(lambda: hub.modes[-1] == ("off", "mqtt"), "a good one")


def test_mqtt_when_a_command_is_retained_does_not_obey(broker, ear, connect, hub):
    ear.say(f"{BASE}/mode/set", "off", retain=True)
    outlet = connect(broker.port)
    wait_for(lambda: outlet.health()["n_refused_commands"] == 1, "a refusal")
    assert hub.modes == [("away", "start")]


def test_mqtt_when_events_open_and_close_says_which_rules_hold(broker, ear, connect):
    store = List(first := make_event())
    outlet = connect(broker.port, store)
    rule, other = f"{BASE}/hall/rules/fallen", mqtt.Topics("attic").of_rule("hall", "vor der Tür")
    wait_for(lambda: f"{BASE}/alarm" in ear.last and json.loads(ear.last.get(rule, "{}")).get("state") == "ON", "on")
    assert json.loads(ear.last[rule])["event"] == first.id and json.loads(ear.last[other])["state"] == "OFF"
    outlet.announce(store.add(next_revision(first, state="closed", closed_ms=5)))
    wait_for(lambda: json.loads(ear.last[rule])["state"] == "OFF", "off")
    assert json.loads(ear.last[f"{BASE}/alarm"])["events"] == [first.id]  # over, but nobody has seen it
    outlet.announce(store.add(make_event(3, first.id, state="closed", acknowledged_ms=6)))
    wait_for(lambda: json.loads(ear.last[f"{BASE}/alarm"])["state"] == "OFF", "no alarm any more")


def test_mqtt_when_something_is_over_at_once_says_on_and_off_all_the_same(broker, ear, connect):
    connect(broker.port, List(make_event(state="closed", severity="notice")))
    rule = f"{BASE}/hall/rules/fallen"
    wait_for(lambda: [json.loads(text)["state"] for topic, text, _ in ear.heard if topic == rule][-2:] == ["ON", "OFF"],
             "on and off")


def test_mqtt_when_poses_come_sends_the_newest_and_counts_people(broker, ear, connect):
    outlet = connect(broker.port, poses_hz=50)
    text = '{"poses":[{"track_id":1},{"track_id":2}]}'
    outlet.poses("hall", text)
    wait_for(lambda: ear.last.get(f"{BASE}/hall/poses") == text, "the poses")
    wait_for(lambda: ear.last.get(f"{BASE}/hall/people") == "2", "the number of people")
    outlet.poses("hall", "older")
    outlet.poses("hall", "newer")
    wait_for(lambda: ear.last[f"{BASE}/hall/poses"] == "newer", "the newest")
    assert ear.last[f"{BASE}/hall/people"] in "02"


def test_mqtt_when_home_assistant_looks_finds_a_device(broker, ear, connect, hub):
    connect(broker.port)
    wait_for(lambda: CONFIG in ear.last, "the description")
    n = len(ear.heard)
    ear.say("homeassistant/status", "online")
    wait_for(lambda: any(topic == CONFIG for topic, _, _ in ear.heard[n:]), "the description again")
    wait_for(lambda: any(topic == f"{BASE}/mode" for topic, _, _ in ear.heard[n:]), "all states again")


def test_mqtt_when_a_rule_is_no_more_tells_home_assistant(broker, ear, connect, hub):
    before = connect(broker.port)
    wait_for(lambda: CONFIG in ear.last, "the description")
    before.close()
    less = Hub()
    less.listed = [{"name": "hall", "rules": hub.cameras()[0]["rules"][:1]}]
    connect(broker.port, hub=less)
    gone = [key for key in json.loads(ear.last[CONFIG])["components"] if "vor_der" in key]

    def described():
        return [json.loads(text)["components"] for topic, text, _ in ear.heard if topic == CONFIG and text]
    wait_for(lambda: len(described()) >= 4, "both descriptions")
    assert described()[-2][gone[0]] == {"platform": "binary_sensor"} and gone[0] not in described()[-1]


def test_mqtt_when_the_configuration_changes_says_so(broker, ear, connect, monkeypatch):
    monkeypatch.setattr(node, "HEALTH_S", 0.02)
    hub = Hub()
    connect(broker.port, hub=hub)
    gone = mqtt.Topics("attic").of_rule("hall", "vor der Tür")
    wait_for(lambda: gone in ear.last and CONFIG in ear.last, "all states")
    hub.listed = [{"name": "hall", "rules": [hub.listed[0]["rules"][0], {"name": "new", "kind": "line"}]}]
    wait_for(lambda: "hall_rule_new" in ear.last[CONFIG] and "vor_der" not in ear.last[CONFIG], "the new description")
    wait_for(lambda: ear.last[gone] == "" and f"{BASE}/hall/rules/new" in ear.last, "the new states")


def test_mqtt_when_the_broker_hangs_notices_and_delivers_later(tmp_path, connect, monkeypatch):
    monkeypatch.setattr(clients, "KEEPALIVE_S", 1)
    broker = Broker(tmp_path, "allow_anonymous true").start()
    store = List()
    outlet = connect(broker.port, store)
    wait_for(lambda: outlet.health()["state"] == "live", "a connection")
    broker.pause()
    for n in range(40):
        outlet.announce(store.add(make_event(n + 1)))
    wait_for(lambda: outlet.health()["state"] == "down", "that it is noticed")
    assert store.done == []
    broker.go_on()
    wait_for(lambda: len(store.done) == 40, "all events")
    broker.stop()


def test_mqtt_when_discovery_is_off_says_nothing_to_home_assistant(broker, ear, connect):
    connect(broker.port, discovery=None)
    wait_for(lambda: f"{BASE}/hall/health" in ear.last, "health")
    assert not [topic for topic in ear.last if topic.startswith("homeassistant")]


def test_mqtt_when_the_broker_speaks_garbage_or_nothing_goes_on_trying(connect, hub):
    server = socket.create_server(("127.0.0.1", 0))
    chance, n_accepted = random.Random(5), []

    def speak():
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            n_accepted.append(1)
            with connection:
                connection.recv(100)
                connection.sendall(b"\x20\x02\0\0" * (len(n_accepted) % 2) + chance.randbytes(50))
    speaker = threading.Thread(target=speak, daemon=True)
    speaker.start()
    outlet = connect(server.getsockname()[1])
    wait_for(lambda: len(n_accepted) > 20, "many tries")
    server.close()
    silent = connect(free_port())
    wait_for(lambda: "refused" in silent.health()["error"], "a refused connection")
    assert outlet._thread.is_alive() and silent._thread.is_alive()


def test_mqtt_when_opened_and_closed_leaves_no_thread_and_no_descriptor(broker, connect):
    connect(broker.port).close()
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        outlet = connect(broker.port)
        wait_for(lambda: outlet.health()["state"] == "live", "a connection")  # noqa: B023
        outlet.close()
    assert (threading.active_count(), len(os.listdir("/proc/self/fd"))) == (threads, descriptors)
