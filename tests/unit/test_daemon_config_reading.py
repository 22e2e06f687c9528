"""The daemon's config: what is read, and every message about what is wrong."""

import os
import re
from dataclasses import MISSING, fields
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edgepose.daemon.config import keys, manual, outside, reading
from edgepose.daemon.config.settings import ModeSettings, RuleSettings, Settings, WebSettings, ZoneSettings
from edgepose.errors import ConfigError
from edgepose.toml.document import load_toml
from tests.conftest import ROOT

EXAMPLE = ROOT / "edgepose" / "daemon" / "config" / "example.toml"
LEAST = '[[camera]]\nname = "yard"\nsource = "synthetic:"\n'
HASH = "scrypt$16$8$1$c2FsdHNhbHQ=$aGFzaGhhc2g="


@pytest.fixture(autouse=True)
def own_state(tmp_path, monkeypatch):
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))


@pytest.fixture
def config(tmp_path):
    """Writes a text to a file that only we may read; its path."""
    def write(text):
        path = tmp_path / "edgepose.toml"
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
        path.chmod(0o600)
        return path

    return write


def faults(path):
    """The lines of the ConfigError about a file, without its name."""
    with pytest.raises(ConfigError) as caught:
        reading.read(path)
    lines = str(caught.value).split("\n")
    assert all(line.startswith(f"{path}:") for line in lines)
    return [line[len(f"{path}:"):] for line in lines]


def test_config_when_least_has_all_defaults(config, tmp_path):
    found = reading.read(config(LEAST))
    assert found == Settings(cameras=found.cameras, directory=str(tmp_path))
    assert (found.cameras[0].name, found.cameras[0].source, found.cameras[0].fps) == ("yard", "synthetic:", 10.0)


def test_config_when_full_holds_what_it_says(config, tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "clip.mp4").write_bytes(b"\0\0\0\x18ftypisom")
    found = reading.read(config(f'''
        daemon = {{max_event_age = "2 weeks", lines = "log/events.jsonl", budget_ms = 30}}
        webhook = [{{url = "https://h/x", token_file = "secret", severities = ["alarm"]}}]
        [web]
        listen = "[::]:80"
        password = "{HASH}"
        names = ["pose.example"]
        [mqtt]
        host = "broker"
        user = "me"
        password_file = "secret"
        tls = true
        discovery = false
        [clips]
        mode = "video"
        max_size = "1.5 MB"
        max_age = "12 hours"
        [modes]
        initial = "off"
        [[modes.schedule]]
        at = "07:00"
        mode = "supervised"
        [[camera]]
        name = "yard"
        source = "clip.mp4"
        fps = 5
        [[camera.zone]]
        name = "the deck"
        points = [[0, 0], [1, 0.25], [0, 1]]
        body_near = 0.5
        body_far = 0.25
        [[camera.rule]]
        name = "kids"
        kind = "alone"
        zones = ["the deck"]
        hours = ["22:00", "06:00"]
        [[camera.rule]]
        name = "many"
        kind = "count"
        people = [3]
        hours = [["08:00", "09:00"], ["12:00", "13:00"]]
    '''))
    assert (found.max_event_age_s, found.lines, found.budget_ms) == (14 * 86400.0, f"{tmp_path}/log/events.jsonl", 30.0)
    assert found.web == WebSettings("[::]:80", HASH, ("pose.example",))
    assert (found.mqtt.port, found.mqtt.password_file, found.mqtt.discovery) == (8883, f"{tmp_path}/secret", None)
    assert (found.webhooks[0].token_file, found.webhooks[0].severities) == (f"{tmp_path}/secret", ("alarm",))
    assert (found.clips.mode, found.clips.max_bytes, found.clips.max_age_s) == ("video", 1_500_000, 43200.0)
    assert found.modes == ModeSettings("off", ((("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "07:00",
                                                "supervised"),))
    camera, = found.cameras
    assert (camera.source, camera.fps) == (f"{tmp_path}/clip.mp4", 5.0)
    assert camera.zones == (ZoneSettings("the deck", ((0.0, 0.0), (1.0, 0.25), (0.0, 1.0)), 0.5, 0.25),)
    assert camera.rules == (RuleSettings("kids", "alone", zones=("the deck",), hours=(("22:00", "06:00"),)),
                            RuleSettings("many", "count", people=(3, None),
                                         hours=(("08:00", "09:00"), ("12:00", "13:00"))))


def test_config_when_the_page_is_off_has_none(config):
    assert reading.read(config(LEAST + "[web]\nenabled = false\nlisten = '0.0.0.0:80'")).web is None


ZONE = '[[camera.zone]]\nname = "deck"\npoints = [[0, 0], [1, 0], [0, 1]]\n'
RULE = '[[camera.rule]]\nname = "r"\nkind = "enter"\n'


def zone(points, more=""):
    return f'{LEAST}[[camera.zone]]\nname = "z"\npoints = {points}\n{more}'


@pytest.mark.parametrize("text, message", [
    ("", r"1: camera: there is none; it takes one \[\[camera\]\] table or more"),
    ("camera = []", "1: camera: there is none"),
    ("\n\ncamera = 3", r"3: camera: is 3; it takes tables, each under \[\[camera\]\]"),
    ("[camera]\nname = 'a'", r"1: camera: is .*; it takes tables, each under \[\[camera\]\]"),
    (LEAST + "[[web]]", r"4: web: is \[\{\}\]; it takes one table, \[web\]"),
    (LEAST + "[wbe.more]", "4: wbe: is not known"),
    (LEAST + "[wbe]", r"4: wbe: is not known \(did you mean 'web'\?\); it takes daemon, web, mqtt, clips, modes"),
    (LEAST + "fsp = 3", r"4: camera.yard.fsp: is not known \(did you mean 'fps'\?\); it takes name, source, fps"),
    (LEAST + "before_s = 3", r"4: camera.yard.before_s: is not known here, but in \[clips\]; it takes name"),
    (LEAST + "fps = 'x'", '4: camera.yard.fps: is "x"; it takes a number from 0.1 to 120'),
    (LEAST + "fps = true", "4: camera.yard.fps: is true; it takes a number"),
    (LEAST + "fps = nan", "4: camera.yard.fps: is NaN; it takes a number"),
    (LEAST + "max_people = 0", "4: camera.yard.max_people: is 0; it takes a whole number from 1 to 64"),
    (LEAST + "max_people = 1.0", "4: camera.yard.max_people: is 1.0; it takes a whole number"),
    (LEAST + "show_picture = 1", "4: camera.yard.show_picture: is 1; it takes true or false"),
    (LEAST + LEAST, "5: camera.yard.name: 'yard' is the name of another in line 2; every name is used once"),
    ('[[camera]]\nname = "a/b"\nsource = "synthetic:"', '2: camera.a/b.name: is "a/b"; it takes 1 to 48 letters'),
    ('[[camera]]\nsource = "synthetic:"', r"1: camera\[1\].name: is missing; it takes 1 to 48 letters"),
    ('[[camera]]\nname = "a"', "1: camera.a.source: is missing; it takes rtsp://"),
    ('[[camera]]\nname = "a"\nsource = 3', "3: camera.a.source: is not right; it takes rtsp://"),
    ('[[camera]]\nname = "a"\nsource = "no.mp4"', "3: camera.a.source: .*/no.mp4: no such file or directory"),
    ('[[camera]]\nname = "a"\nsource = "."', "3: camera.a.source: .* is pictures; a camera takes a video"),
    ('[[camera]]\nname = "a"\nsource = "ftp://u:p@h/x"', "3: camera.a.source: ftp:// is not known"),
    ('[[camera]]\nname = "a"\nsource = "rtsp:///x"', "3: camera.a.source: rtsp:///x names no host"),
    ('[[camera]]\nname = "a"\nsource = "clip:cats"', "3: camera.a.source: clip:cats does not ship; there is clip:n"),
    (zone("[[0, 0]]"), r"6: camera.yard.zone.z.points: is \[\[0, 0\]\]; it takes two points \[x, y\]"),
    (zone("[[0, 0],\n [1, 0],\n [1, 1.5]]"), r"8: camera.yard.zone.z.points\[3\]: is \[1, 1.5\]; it takes two points"),
    (zone("[[0, 0], [1, 0], [1]]"), r"6: camera.yard.zone.z.points\[3\]: is \[1\]"),
    (zone("[[0, 0], [1, 1], [1, 0], [0, 1]]"), "6: .*points: the edges behind points 1 and 3 cross; it takes corners"),
    (zone("[[0, 0], [1, 0], [0.5, 0]]"), "6: .*points: the edge behind point 2 goes back over the one before it"),
    (zone("[[0, 0], [1, 0], [1, 0], [0, 1]]"), "6: .*points: points 2 and 3 are the same"),
    (zone("[[0, 0], [0, 0]]"), "6: .*points: points 1 and 2 are the same"),
    (zone("[[0, 0], [1, 0], [0, 1]]", "body_far = 0.3"), "7: .*z.body_far: has no use without body_near; give both"),
    (LEAST + ZONE + ZONE, "8: camera.yard.zone.deck.name: 'deck' is the name of another in line 5"),
    (LEAST + RULE + RULE, "8: camera.yard.rule.r.name: 'r' is the name of another in line 5"),
    (LEAST + RULE.replace("enter", "entre"), '6: camera.yard.rule.r.kind: is "entre"; it takes one of "enter"'),
    (LEAST + ZONE + RULE + "zones = [\n'dek']", r"11: camera.yard.rule.r.zones\[1\]: 'dek' is no zone of this camera "
                                               r"\(did you mean 'deck'\?\); it takes 'deck'"),
    (LEAST + RULE + "outside = ['bed']", r"7: .*r.outside\[1\]: 'bed' is no zone of this camera; it takes names of "),
    (LEAST + RULE + "keypoints = ['ankles', 'tail']", r"7: .*r.keypoints\[2\]: .*'tail' is not known; one of body"),
    (LEAST + RULE + "keypoints = ['ankles near']", r"7: .*r.keypoints\[1\]: .*'near' is not known; one of in"),
    (LEAST + RULE + "keypoints = []", r"7: .*r.keypoints: is \[\]; it takes an array of one or more"),
    (LEAST + RULE + "people = [3]", "7: .*r.people: has no use in a rule of kind 'enter'; it is of count"),
    (LEAST + RULE.replace("enter", "count") + "people = [3, 2]", r"7: .*r.people: is \[3, 2\], which nobody can be"),
    (LEAST + RULE + "direction = 'in'", "7: .*r.direction: has no use in a rule of kind 'enter'; it is of line"),
    (LEAST + RULE.replace("enter", "line"), "4: .*r.zones: names none; a rule of kind 'line' takes one or more"),
    (LEAST + ZONE + RULE.replace("enter", "line") + "zones = ['deck']",
     r"10: .*r.zones\[1\]: 'deck' is no line; it takes a zone of two points"),
    (LEAST + ZONE + RULE.replace("enter", "alone") + "zones = ['deck']", "7: camera.yard.rule.r: kind alone needs"),
    (LEAST + RULE + "hours = ['22:00', '24:00']", r"7: .*r.hours\[2\]: is \"24:00\"; it takes two times such as"),
    (LEAST + RULE + "hours = ['22:00']", r"7: .*r.hours: is \[\"22:00\"\]; it takes two times"),
    (LEAST + RULE + "hours = [['22:00', 7]]", r"7: .*r.hours\[1\]: is 7"),
    (LEAST + RULE + "modes = ['home']", r"7: .*r.modes\[1\]: is \"home\"; it takes an array of one or more of"),
    (LEAST + RULE + "modes = ['off', 'off']", "7: .*r.modes: names something twice"),
    (LEAST + RULE + "severity = 'bad'", '7: .*r.severity: is "bad"; it takes one of "notice", "alarm"'),
    (LEAST + "[daemon]\nmodel = 'movenet'", "5: daemon.model: model 'movenet' is not known; installed: "),
    (LEAST + "[daemon]\nbackend = 'cuda'", "5: daemon.backend: is 'cuda'; it takes one of auto, tflite, openvino"),
    (LEAST + "[daemon]\nbackend = 'tflite'\ndevice = 'GPU'", "5: daemon.backend: backend tflite takes no device"),
    (LEAST + "[daemon]\ndirectory = 'edgepose.toml/x'", "5: daemon.directory: .*/edgepose.toml is not a folder"),
    (LEAST + "[daemon]\nmax_event_age = 3", '5: daemon.max_event_age: is 3; it takes a string such as "12 hours"'),
    (LEAST + "[clips]\nmax_size = '3 parsecs'", '5: clips.max_size: is "3 parsecs"; it takes bytes, or a string'),
    (LEAST + "[clips]\nmax_size = 0", "5: clips.max_size: is 0; it takes bytes"),
    (LEAST + "[clips]\nmode = 'all'", '5: clips.mode: is "all"; it takes one of "skeleton", "video", "none"'),
    (LEAST + "[web]\nlisten = '8420'", '5: web.listen: is "8420"; it takes HOST:PORT such as'),
    (LEAST + "[web]\nlisten = '[::1:80'", r"5: web.listen: is \"\[::1:80\"; it takes HOST:PORT such as"),
    (LEAST + "[web]\nlisten = '0.0.0.0:80'", "5: web.listen: 0.0.0.0:80 lets others in, but there is no password; it "
                                             "takes a password too, which `edgepose daemon --hash-password` makes"),
    (LEAST + "[web]\nnames = ['a.example']", r"5: web.names\[1\]: 'a.example' lets others in, but there is no"),
    (LEAST + "[web]\nlisten = '0.0.0.0:80'\npassword = 'hunter2'", "6: web.password: is not right; it takes what"),
    (LEAST + "[mqtt]", "4: mqtt.host: is missing; it takes a host's name or address"),
    (LEAST + "[mqtt]\nhost = 'h'\nport = 0", "6: mqtt.port: is 0; it takes a whole number from 1 to 65535"),
    (LEAST + "[mqtt]\nhost = 'h'\npassword = 'hunter2'", r"6: mqtt.password: is not known \(did you mean 'password_fi"),
    (LEAST + "[mqtt]\nhost = 'h'\nuser = 'u'\npassword_file = 'no'", "7: mqtt.password_file: .*/no cannot be read"),
    (LEAST + "[mqtt]\nhost = 'h'\nca_file = 'edgepose.toml'", "6: mqtt.ca_file: has no use without `tls = true`"),
    (LEAST + "[mqtt]\nhost = 'h'\npassword_file = 'edgepose.toml'", "6: mqtt.password_file: has no use without `user`"),
    (LEAST + "[mqtt]\nhost = 'h'\ndiscovery = true", "6: mqtt.discovery: is true; it takes the first part"),
    (LEAST + "[[webhook]]\nurl = 'h/secret'", r"5: webhook\[1\].url: is not right; it takes an address such as https"),
    (LEAST + "[[modes.schedule]]\nat = '7:00'\nmode = 'away'", r"5: modes.schedule\[1\].at: is \"7:00\"; it takes"),
    (LEAST + "[[modes.schedule]]\nat = '07:00'\nmode = 'off'\ndays = ['Monday']", r"7: .*days\[1\]: is \"Monday\""),
    (LEAST + 2 * "[[modes.schedule]]\nat = '07:00'\nmode = 'off'\n" + "[[modes.schedule]]\nat = '07:00'\nmode = 'away'",
     r"11: modes.schedule\[3\].at: mon 07:00 has the mode 'off' already; it takes one mode at a time"),
    (LEAST + "fps = ", "4: not TOML: Invalid value, and there the file ends"),
    (LEAST + "fps 3\n", "4: not TOML: Expected '=' after a key in a key/value pair at column 5"),
    (LEAST + 'name = "b"', "4: not TOML: Cannot overwrite a value, and there the file ends"),
    ("x = 1\ny = " + "9" * 5000, "2: not TOML: .*limit"),
    ("x = 1\ny = 0x" + "9" * 5000, "2: y: is not known"),
    (LEAST + "fps = 0x" + "9" * 5000, "4: camera.yard.fps: is beyond all measure; it takes a number"),
    ("\nx = " + "[" * 100_000, "2: not TOML: arrays are nested too deep"),
    ("x = 1\ny = '\udcff'", "2: byte 0xff is not UTF-8; save it as UTF-8"),
    ("#" * (1 << 20) + "\n", "1: is longer than 1048576 bytes; it takes a TOML file")])
def test_config_when_something_is_wrong_says_where_and_what_it_takes(config, text, message):
    found = faults(config(text))
    assert any(re.match(message, line) for line in found), found
    assert not any("hunter2" in line or "secret" in line or ":p@" in line for line in found)


def test_config_when_much_is_wrong_says_all_of_it_in_order(config):
    found = faults(config('[daemon]\nthread = 2\n[web]\nlisten = 3\n[[camera]]\nname = "a"\nfps = 0\n'
                          '[[camera.rule]]\nname = "r"\nkind = "none"\nzones = ["z"]\nfor_s = -1'))
    assert [line.split(": ")[:2] for line in found] == [
        ["2", "daemon.thread"], ["4", "web.listen"], ["5", "camera.a.source"], ["7", "camera.a.fps"],
        ["10", "camera.a.rule.r.kind"], ["12", "camera.a.rule.r.for_s"]]


def test_file_when_it_is_not_there_is_said_with_the_way_out(tmp_path):
    with pytest.raises(ConfigError, match="nothing.toml: cannot be read: No such file .*`edgepose daemon --init FILE`"):
        reading.read(tmp_path / "nothing.toml")


@pytest.mark.parametrize("text, message", [
    ('[[camera]]\nname = "a"\nsource = "rtsp://me:hunter2@host/x"', ":3: camera.a.source: has a password in it, and"),
    (LEAST + '[mqtt]\nhost = "h"\nuser = "u"\npassword_file = "secret"', ":7: mqtt.password_file: others may read "),
    (LEAST + '[[webhook]]\nurl = "http://h"\ntoken_file = "secret"', r":6: webhook\[1\].token_file: others may read ")])
def test_secret_when_others_may_read_it_is_reported_once(config, tmp_path, text, message):
    (tmp_path / "secret").write_text("hunter2")
    path, told = config(text), []
    (tmp_path / "secret").chmod(0o644)
    path.chmod(0o644)
    reading.read(path, told.append)
    assert len(told) == 1 and re.search(message, told[0]) and "chmod 600" in told[0] and "hunter2" not in told[0]
    path.chmod(0o600)
    (tmp_path / "secret").chmod(0o600)
    reading.read(path, told.append)
    assert len(told) == 1


def test_secret_when_its_first_line_is_empty_is_refused(config, tmp_path):
    (tmp_path / "empty").write_text("\nlater")
    found = faults(config(LEAST + '[mqtt]\nhost = "h"\nuser = "u"\npassword_file = "empty"'))
    assert re.match("7: mqtt.password_file: .*/empty has nothing in its first line", found[0])


def test_directory_when_nobody_says_is_one_that_we_can_write(monkeypatch):
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert outside.default_directory() == "/state/edgepose"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/me")
    assert outside.default_directory() == "/home/me/.local/state/edgepose"
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert outside.default_directory() == "/var/lib/edgepose"


def test_directory_when_it_cannot_be_written_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(os, "access", lambda path, mode: str(path) != str(tmp_path))
    with pytest.raises(ValueError, match=f"{tmp_path} cannot be written by "):
        outside.check_folder(str(tmp_path / "a" / "b"))


def test_example_when_read_runs_on_the_clip_that_ships(tmp_path):
    found = reading.read(EXAMPLE)
    assert Path(found.cameras[0].source).is_file()
    assert found.clips.mode == "skeleton" and not found.cameras[0].show_picture
    assert found.web == WebSettings()


def test_example_when_all_settings_are_switched_on_still_makes_sense(config, tmp_path):
    text = re.sub(r"^#(?! )", "", EXAMPLE.read_text(), flags=re.MULTILINE).replace("scrypt$...", HASH)
    for name in ("mqtt.password", "hook.token", "ca.pem"):
        (tmp_path / name).write_text("x")
        (tmp_path / name).chmod(0o600)
    text = text.replace('directory = "/var/lib/edgepose"', 'directory = "state"').replace('"bed"', '"lawn"')
    assert load_toml(text)["webhook"]
    assert reading.read(config(text.replace("backend = \"auto\" ", "backend = \"openvino\"")))


def test_example_names_every_key():
    text = re.sub(r"^#(?! )", "", EXAMPLE.read_text(), flags=re.MULTILINE)
    missing = [f"{name}.{key}" for name, section in keys.SECTIONS.items() for key in section.keys
               if not re.search(rf"^{key} = ", text, re.MULTILINE)]
    assert missing == []


def test_keys_when_compared_with_the_settings_fill_every_field():
    elsewhere = {"cameras", "modes", "web", "mqtt", "webhooks", "clips", "schedule", "zones", "rules"}
    for name, section in keys.SECTIONS.items():
        filled = {section.field(key) for key in section.keys}
        if section.settings:
            own = {field.name for field in fields(section.settings)}
            assert filled - own <= {"enabled"}, name
            assert own - filled <= (elsewhere if name != "camera.rule" else set()), name


def test_defaults_when_written_in_the_file_are_the_same():
    for name, section in keys.SECTIONS.items():
        for key in section.keys:
            default, kind = section.default(key), section.keys[key].kind
            if default not in (MISSING, None, ()):
                shown = load_toml(f"x = {kind.show(default)}")["x"] if key != "days" else list(default)
                assert kind.read(shown) == default, (name, key)


def test_manual_when_compared_with_the_keys_is_up_to_date():
    text = (ROOT / "docs" / "daemon" / "config.md").read_text()
    assert manual.tables() in text


SCALARS = st.sampled_from(["1", "-1", "0.5", "nan", "inf", "true", '""', '"x"', '"yard"', "'deck'", "07:00:00",
                           '"22:00"', "1979-05-27", "[]", "{}", "[1]", "[[0, 0], [1, 1]]", '["away"]', "{a = 1}",
                           '"\\u0000"', "0x" + "f" * 4000, '"' + "x" * 3000 + '"', '"rtsp://a:b@c/d"', '"/"', '"~"',
                           '"\\ud7ff"'])
HEADERS = ["[daemon]", "[web]", "[mqtt]", "[[webhook]]", "[clips]", "[modes]", "[[modes.schedule]]", "[[camera]]",
           "[[camera.zone]]", "[[camera.rule]]", "[camera]", "[camera.zone]", "[[web]]", "[x]", "[[daemon.x]]"]
KEYS = sorted({key for section in keys.SECTIONS.values() for key in section.keys}) + ["x", "zone", "rule", "camera"]
DOCUMENTS = st.lists(st.one_of(st.sampled_from(HEADERS), st.tuples(st.sampled_from(KEYS), SCALARS).map(" = ".join)),
                     max_size=12).map("\n".join)


@st.composite
def mutations(draw):
    """The example with some of its lines changed, doubled, cut or gone."""
    lines = EXAMPLE.read_text().split("\n")
    for _ in range(draw(st.integers(1, 4))):
        n = draw(st.integers(0, len(lines) - 1))
        key = lines[n].partition("=")[0]
        lines[n] = draw(st.one_of(
            SCALARS.map(f"{key}= {{}}".format), st.just(""), st.just(f"{lines[n]}\n{lines[n]}"), st.just(lines[n][1:]),
            st.integers(0, 40).map(lambda end, line=lines[n]: line[:end]), st.sampled_from(HEADERS),
            st.characters().map(lambda char, line=lines[n]: line + char)))
    return "\n".join(lines)


def check_any(path):
    """Settings, or faults which all name a line that there is."""
    try:
        assert isinstance(reading.read(path, lambda line: None), Settings)
    except ConfigError as error:
        n_lines = path.read_bytes().count(b"\n") + 1
        for line in str(error).split("\n"):
            found = re.match(re.escape(str(path)) + r":(\d+): \S", line)
            assert found and 1 <= int(found[1]) <= n_lines, line


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.one_of(DOCUMENTS, mutations()))
def test_config_when_it_is_anything_gives_settings_or_faults_with_lines(config, text):
    check_any(config(text))


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.binary(max_size=60))
def test_config_when_it_is_any_bytes_gives_faults_with_lines(tmp_path, data):
    path = tmp_path / "edgepose.toml"
    path.write_bytes(data)
    check_any(path)
