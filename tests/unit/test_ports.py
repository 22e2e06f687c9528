"""ports/: profiles, limits, rules and pages of the boards agree with each other, and with who reads them."""

import re
import shutil
import subprocess

import pytest

from edgepose import board, power
from tests.conftest import ROOT

PORTS = ROOT / "ports"
BOARDS = sorted(path.parent.name for path in PORTS.glob("*/board.toml"))
NAMED = ("raspberry-pi-zero-2-w", "raspberry-pi-3b-plus", "raspberry-pi-4", "raspberry-pi-5", "jetson-nano",
         "jetson-xavier-nx", "jetson-orin-nano", "aarch64", "armv7", "x86-64")
PAGES = [PORTS / "README.md", *(PORTS / name / "README.md" for name in BOARDS), ROOT / "tests/data/boards/README.md"]

every_board = pytest.mark.parametrize("name", BOARDS)
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)


def settings(name):
    """[(key, value)] of a board's drop-in."""
    return re.findall(r"^(\w+)=(.*)$", (PORTS / name / "limits.conf").read_text(), re.MULTILINE)


def rules(name):
    """The rules of a board, without remarks."""
    lines = (PORTS / name / "70-edgepose.rules").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


# ---- profiles

def test_ports_when_listed_then_the_promised_boards_are_there():
    assert set(BOARDS) == set(NAMED) == set(board.names())


@every_board
def test_folder_of_a_board_when_opened_then_it_is_whole(name):
    files = {path.name for path in (PORTS / name).iterdir()}
    assert files == {"board.toml", "README.md", "limits.conf", "70-edgepose.rules"}


@every_board
def test_profile_when_loaded_then_its_sensor_has_a_driver_and_its_tier_is_honest(name):
    found = board.load(name)
    assert found.power.sensor in ("none", *power.DRIVERS) and found.tier in ("emulated", "expected")
    assert found.generic == (name in ("aarch64", "armv7", "x86-64"))


def test_profiles_when_compared_then_no_name_belongs_to_two_boards():
    for kind in ("model", "compatible"):
        names = [name for found in map(board.load, BOARDS) for name in getattr(found.detect, kind)]
        assert len(names) == len(set(names))


# ---- limits

@every_board
def test_limits_when_read_then_they_are_the_profiles(name):
    found, keys = board.load(name), dict(settings(name))
    assert keys["MemoryMax"] == f"{found.memory.budget_mb}M"
    assert keys.get("CPUAffinity", "") == " ".join(map(str, found.cores.pin))


@every_board
def test_limits_when_read_then_the_service_is_held_back_before_it_is_ended(name):
    keys = dict(settings(name))
    assert 0.8 < int(keys["MemoryHigh"][:-1]) / int(keys["MemoryMax"][:-1]) < 0.95
    assert int(keys["TasksMax"]) >= 64 and 0 < int(keys["OOMScoreAdjust"]) < 1000


def verify(folder, drop_ins):
    """What systemd says of the service, once with each of {name: text of its drop-in}."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here: apt install systemd")
    unit = re.sub(r"\nExecStart=\S+", "\nExecStart=/bin/true", (PORTS / "systemd/edgepose.service").read_text())
    for name, text in drop_ins.items():
        (folder / f"{name}.service").write_text(unit)
        (folder / f"{name}.service.d").mkdir()
        (folder / f"{name}.service.d/board.conf").write_text(text)
    units = [str(folder / f"{name}.service") for name in drop_ins]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *units],
                          capture_output=True, text=True, timeout=60)
    if "unrecognized option" in done.stderr:
        pytest.skip("this systemd is too old to judge a unit that is not installed")
    return done.returncode, done.stdout + done.stderr


def test_limits_when_systemd_reads_them_with_the_service_then_it_has_nothing_to_say(tmp_path):
    assert verify(tmp_path, {name: (PORTS / name / "limits.conf").read_text() for name in BOARDS}) == (0, "")


def test_limits_when_a_key_is_unknown_then_systemd_would_say_so(tmp_path):
    text = (PORTS / "raspberry-pi-4/limits.conf").read_text().replace("MemoryMax", "MemoryMost")
    assert "Unknown key" in verify(tmp_path, {"edgepose": text})[1]


# ---- udev rules

MATCHES = {"ACTION", "SUBSYSTEM", "KERNEL", "ATTR{name}"}
ASSIGNMENTS = {"GROUP", "MODE", "RUN"}
_TERM = re.compile(r'([A-Z]+(?:\{\w+\})?)(==|!=|\+=|=)"([^"]*)"')


def faults(rule):
    """What is wrong in a rule: a term that is none, an operator that its key does not take, nothing matched or set."""
    terms = [_TERM.fullmatch(term.strip()) for term in re.split(r',\s+(?=[A-Z]+(?:\{\w+\})?[!=+])', rule)]
    if None in terms:
        return ["not a term"]
    wrong = [key for key, operator, _ in (term.groups() for term in terms)
             if key not in (MATCHES if operator in ("==", "!=") else ASSIGNMENTS)]
    keys = {term[1] for term in terms}
    return wrong + ["nothing matched"] * (not keys & MATCHES) + ["nothing set"] * (not keys & ASSIGNMENTS)


@every_board
def test_rules_when_parsed_then_each_matches_and_sets_something(name):
    assert rules(name) and [faults(rule) for rule in rules(name)] == [[]] * len(rules(name))


@pytest.mark.parametrize("rule", ['KERNEL="vcio", GROUP="video"', 'KERNEL=="vcio"', 'GROUP="video"',
                                  'KERNEL=="vcio" GROUP="video"', 'KERNEL=="vcio", GRUOP="video"', "KERNEL==vcio"])
def test_rule_when_it_is_wrong_then_the_parser_above_says_so(rule):
    assert faults(rule)


@every_board
def test_rules_when_udev_judges_them_then_it_has_nothing_to_say(name):
    if not shutil.which("udevadm") or subprocess.run(["udevadm", "verify", "--help"], capture_output=True).returncode:
        pytest.skip("no udevadm that verifies here: apt install udev, 254 or later")
    done = subprocess.run(["udevadm", "verify", PORTS / name / "70-edgepose.rules"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@every_board
def test_rules_when_a_device_is_opened_by_group_then_the_service_is_in_it(name):
    sysusers = (PORTS / "systemd/edgepose.sysusers").read_text()
    groups = set(re.findall(r'GROUP="(\w+)"', "\n".join(rules(name))))
    assert groups == {"video", "render"} and all(f"m edgepose {group}\n" in sysusers for group in groups)


@every_board
def test_rules_when_the_sensor_is_the_kernels_then_its_readings_are_for_the_group(name):
    wanted = {"rapl": 'KERNEL=="intel-rapl:*"', "ina3221": 'ATTR{name}=="ina*"'}.get(board.load(name).power.sensor)
    assert wanted is None or any(wanted in rule and "chgrp -f edgepose" in rule for rule in rules(name))


def test_rules_when_a_file_is_run_on_then_it_ends_readable_for_the_group(tmp_path):
    (tmp_path / "energy_uj").write_text("1\n")
    (tmp_path / "energy_uj").chmod(0o400)
    command = next(re.search(r"RUN\+=\"/bin/sh -c '(.*)'\"", rule)[1] for rule in rules("x86-64") if "rapl" in rule)
    subprocess.run(["/bin/sh", "-c", command.replace("%S%p", str(tmp_path))], check=True)
    assert (tmp_path / "energy_uj").stat().st_mode & 0o777 == 0o440


# ---- pages

@every_page
def test_page_when_its_links_are_followed_then_something_is_there(page):
    for target in re.findall(r"\]\(([^)]+)\)", page.read_text()):
        path, _, anchor = target.partition("#")
        where = (page.parent / path).resolve()
        assert "://" not in target and where.is_file(), target
        assert not anchor or anchor in anchors(where), target


def anchors(page):
    """The names by which the headings of a page are reached."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-") for text in headings}


@every_board
def test_page_of_a_board_when_read_then_it_is_short_and_leads_to_the_three_commands(name):
    text = (PORTS / name / "README.md").read_text()
    words = " ".join(text.lower().split())
    assert len(text.splitlines()) <= 60 and ("three commands" in words or "sudo ports/install.sh" in words)
    assert "not measured" in words or name == "x86-64"


def test_pages_when_compared_then_no_paragraph_stands_twice():
    blocks = [block for page in PAGES for block in page.read_text().split("\n\n") if len(block) > 80]
    assert len(blocks) == len(set(blocks))


@every_board
def test_table_of_boards_when_read_then_it_says_what_the_profile_says(name):
    found = board.load(name)
    row = next(line for line in (PORTS / "README.md").read_text().splitlines() if f"]({name}/README.md) |" in line)
    pinned = f"{found.cores.pin[0]}-{found.cores.pin[-1]}" if found.cores.pin else "none"
    cores = f"{found.cores.n}, {pinned}" if found.cores.n else "all"
    assert [cell.strip() for cell in row.split("|")[2:-1]] == [
        found.tier, cores, str(found.cores.threads), found.defaults.backend, found.power.sensor,
        f"{found.memory.budget_mb} MB"]
