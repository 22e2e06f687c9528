"""install.sh for real: into a Debian tree, again, upgraded, broken, interrupted, removed. Needs root, mmdebstrap and,
the first time, the network; `python -m pytest tests/install`, not a part of `make test`."""

import os
import shutil
import subprocess

import pytest

from tests.install import trees

HOME = "opt/edgepose"
CONFIG = "etc/edgepose/edgepose.toml"
AS_DAEMON = ("runuser", "-u", "edgepose", "--", "env", "HOME=/var/lib/edgepose")
#: Starts the daemon on the example, asks it how it is, ends it: prints "ok" and the exit code.
ASK_DAEMON = """
import subprocess, sys, time, urllib.request
daemon = subprocess.Popen(["edgepose", "daemon", "--config", sys.argv[1]])
for _ in range(240):
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8420/healthz").read().decode())
        break
    except OSError:
        time.sleep(0.25)
daemon.terminate()
print("ended with", daemon.wait(60))
"""
#: Stands in for a systemd that runs: notes what it is told, and cannot start version 9.8.7 where /work/fails is.
SYSTEMCTL = """#!/bin/sh
echo "$*" >> /work/told
case "$*,$(readlink /opt/edgepose/bin)" in restart*,*9.8.7*) [ ! -e /work/fails ] ;; esac
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    if os.geteuid() != 0 or not shutil.which("mmdebstrap"):
        pytest.skip("needs root and mmdebstrap (apt install mmdebstrap)")
    return tmp_path_factory.mktemp("trees")


@pytest.fixture(scope="session")
def installed(folder):
    """A fresh system and what install.sh said in it."""
    with trees.Tree(trees.base()).overlaid(folder / "installed") as tree:
        wheel = fill(tree)
        code, text = tree.install("--lite", "--wheel", f"/work/{wheel.name}")
        assert code == 0, text
        yield tree, wheel, text


def fill(tree):
    """Put what is to be installed into a tree; the wheel of the checkout, beside which lie a newer and a broken one."""
    (tree / "work").mkdir()
    shutil.copytree(trees.locked_wheels(), tree / "work/wheels")
    shutil.copytree(trees.PORTS, tree / "work/ports")
    wheel = trees.build_wheel(tree / "work")
    trees.renumber(wheel, "9.8.7")
    trees.renumber(wheel, "9.9.9", broken=True)
    return wheel


@pytest.fixture
def tree(installed, folder):
    """An installed system of the test's own."""
    with installed[0].overlaid(folder / "copy") as copy:
        yield copy


def wheel_of(installed, version=None):
    name = installed[1].name
    return f"/work/{name.replace(name.split('-')[1], version) if version else name}"


def version_in(tree):
    return tree.run("edgepose", "--version")[1].split()[-1]


def versions(tree):
    return sorted(path.name for path in (tree / HOME).iterdir()), len(list((tree / HOME / "versions").iterdir()))


def test_install_when_the_system_is_fresh_then_all_is_in_place(installed):
    tree, _, text = installed
    assert (tree / "etc/systemd/system/multi-user.target.wants/edgepose.service").is_symlink()
    assert (tree / "etc/systemd/system/edgepose.service.d/board.conf").read_bytes() == (
        trees.PORTS / "x86-64/limits.conf").read_bytes()
    assert (tree / CONFIG).stat().st_mode & 0o777 == 0o600 and (tree / CONFIG).stat().st_uid != 0
    assert "no systemd runs here" in text and "ok   models" in text
    assert versions(tree) == (["bin", "versions"], 1)


def test_install_when_run_again_then_nothing_changes(installed):
    tree = installed[0]
    before = tree.listing()
    code, text = tree.install("--lite", "--wheel", wheel_of(installed))
    assert (code, tree.listing()) == (0, before) and "nothing to change" in text


def test_dry_run_when_there_is_a_new_version_then_nothing_changes(installed):
    tree = installed[0]
    before = tree.listing()
    code, text = tree.install("--dry-run", "--lite", "--wheel", wheel_of(installed, "9.8.7"))
    assert (code, tree.listing()) == (0, before) and "would run: mv -T /opt/edgepose/bin.new /opt/edgepose/bin" in text


def test_upgrade_when_the_new_version_is_fine_then_it_alone_is_left_and_the_configuration_stays(tree, installed):
    with (tree / CONFIG).open("a") as file:
        file.write("# mine\n")
    before = (tree / CONFIG).read_bytes()
    code, text = tree.install("--lite", "--wheel", wheel_of(installed, "9.8.7"))
    assert code == 0, text
    assert (version_in(tree), (tree / CONFIG).read_bytes(), versions(tree)[1]) == ("9.8.7", before, 1)


def test_upgrade_when_the_new_version_is_broken_then_the_old_one_stays(tree, installed):
    before = version_in(tree), versions(tree)
    code, text = tree.install("--lite", "--wheel", wheel_of(installed, "9.9.9"))
    assert code == 2 and "does not pass its own checks" in text and "this version is broken" in text
    assert (version_in(tree), versions(tree)) == before


def test_upgrade_when_the_new_version_finds_the_configuration_wrong_then_the_old_one_stays(tree, installed):
    (tree / CONFIG).write_text("[camera\n")
    code, text = tree.install("--lite", "--wheel", wheel_of(installed, "9.8.7"))
    assert code == 2 and version_in(tree) != "9.8.7" and "edgepose.toml:1" in text


def live(tree, fails):
    """The tree with a systemd that seems to run."""
    for name in ("usr/bin/systemctl", "usr/bin/udevadm"):
        (tree / name).unlink(missing_ok=True)
        (tree / name).write_text(SYSTEMCTL)
        (tree / name).chmod(0o755)
    (tree / "run/systemd/system").mkdir(parents=True)
    if fails:
        (tree / "work/fails").touch()
    return tree


def test_upgrade_when_the_service_runs_then_it_restarts_once(tree, installed):
    code, text = live(tree, fails=False).install("--lite", "--wheel", wheel_of(installed, "9.8.7"))
    assert code == 0, text
    assert (tree / "work/told").read_text().splitlines().count("restart edgepose") == 1


def test_upgrade_when_the_service_does_not_start_then_the_old_version_is_put_back(tree, installed):
    before = version_in(tree), versions(tree)
    code, text = live(tree, fails=True).install("--lite", "--wheel", wheel_of(installed, "9.8.7"))
    assert code == 2 and "is in use again" in text and (version_in(tree), versions(tree)) == before


def test_upgrade_when_there_is_no_network_then_nothing_half_done_is_left(tree, installed):
    before = versions(tree)
    code, text = tree.install("--lite", "--wheel", wheel_of(installed, "9.8.7"), wheels="/none")
    assert code == 2 and "pip failed" in text and versions(tree) == before


def test_upgrade_when_the_disk_is_full_then_it_is_said_before_anything_is_done(tree, installed):
    small = 'mount -t tmpfs -o size=399m none /opt && /work/ports/install.sh --lite --wheel "$1"'
    code, text = tree.run("sh", "-c", small, "x", wheel_of(installed, "9.8.7"))
    assert code == 2 and "MB left, and this takes 400" in text


def test_install_when_an_earlier_run_was_killed_then_its_leftovers_go(tree, installed):
    before = versions(tree)
    (tree / HOME / "versions/9.8.7-0123456789ab").mkdir()
    (tree / HOME / "work.AbCdEf").mkdir()
    code, _ = tree.install("--lite", "--wheel", wheel_of(installed))
    assert code == 0 and versions(tree) == before


def test_demo_when_installed_then_the_shipped_clip_gives_poses(installed):
    tree = installed[0]
    clip = next((tree / HOME).glob("versions/*/lib/python3*/site-packages/edgepose/clips/pedestrians.mp4"))
    code, text = tree.run(*AS_DAEMON, "edgepose", "run", f"/{clip.relative_to(tree.path)}", "--max-frames", "20")
    assert code == 0 and text.count('"schema":"edgepose.pose/1"') == 20 and '"keypoints":[[' in text


def test_daemon_when_started_by_hand_as_its_user_then_it_answers_and_ends(installed):
    code, text = installed[0].run(*AS_DAEMON, "/usr/bin/python3", "-c", ASK_DAEMON, f"/{CONFIG}")
    assert code == 0 and "ok\n" in text and "ended with 0" in text, text


def test_remove_when_asked_then_the_configuration_stays_and_purge_takes_it(tree):
    code, text = tree.install("--remove")
    assert code == 0 and not (tree / HOME).exists() and (tree / CONFIG).exists(), text
    assert not list((tree / "etc/systemd/system").rglob("edgepose*"))
    assert tree.install("--purge")[0] == 0 and not (tree / "etc/edgepose").exists()
    assert "edgepose" not in (tree / "etc/passwd").read_text()
    assert "nothing to remove" in tree.install("--purge")[1]


def test_install_when_not_root_then_it_says_so(installed):
    done = installed[0].run("runuser", "-u", "nobody", "--", "/work/ports/install.sh")
    assert done[0] == 2 and "must be run as root" in done[1]


def test_deb_when_built_twice_then_the_bytes_are_the_same(installed, folder):
    command = [trees.PORTS / "deb.sh", "amd64", "--wheel", installed[1], "--out"]
    environment = {**os.environ, "PYTHON": trees.sys.executable, "PIP_FIND_LINKS": str(trees.locked_wheels()),
                   "PIP_NO_INDEX": "1"}
    for name in ("one", "two"):
        subprocess.run([*command, folder / name], check=True, env=environment)
    one, two = (next((folder / name).glob("*.deb")).read_bytes() for name in ("one", "two"))
    assert one == two
