"""install.sh where nothing is to be changed: the shell as shellcheck judges it, and dry runs on recorded boards."""

import os
import shutil
import subprocess

import pytest

from tests import board_trees
from tests.conftest import ROOT

INSTALL = ROOT / "ports" / "install.sh"
STATUS = "Package: {}\nStatus: install ok installed\nVersion: {}\nArchitecture: {}\nMaintainer: x <x@y.z>\n\n"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "armhf": "armv7l"}
#: Recorded tree, Debian's word for its user space, its Python, its systemd, the folder in ports/
BOARDS = [
    ("raspberry-pi-zero-2-w", "arm64", "3.13", "257.8-1", "raspberry-pi-zero-2-w"),
    ("raspberry-pi-3b-plus", "arm64", "3.11", "252.39-1", "raspberry-pi-3b-plus"),
    ("raspberry-pi-4-32-bit", "armhf", "3.11", "252.39-1", "raspberry-pi-4"),
    ("raspberry-pi-5", "arm64", "3.11", "252.39-1", "raspberry-pi-5"),
    ("jetson-orin-nano", "arm64", "3.10", "249.11-0", "jetson-orin-nano"),
    ("aarch64", "arm64", "3.11", "252.39-1", "aarch64"),
    ("x86-64", "amd64", "3.10", "249.11-0", "x86-64"),
]


@pytest.fixture
def system(tmp_path):
    """A function that lays out a recorded board with what its distribution installs."""
    if not shutil.which("dpkg-query"):
        pytest.skip("no dpkg here, which install.sh asks; only Debian and its kin have it")

    def lay_out(name, architecture="arm64", python="3.11", systemd="252.39-1"):
        tree = board_trees.lay_out(name, tmp_path / "tree")
        for folder in ("usr/bin", "var/lib/dpkg/info", "var/lib/dpkg/updates", "opt"):
            (tree / folder).mkdir(parents=True)
        (tree / "usr/bin/python3").symlink_to(f"python{python}")
        (tree / "var/lib/dpkg/status").write_text(
            STATUS.format("dpkg", "1.21", architecture) + STATUS.format("systemd", systemd, architecture))
        return tree

    return lay_out


def dry_run(tree, *options, machine="aarch64"):
    """Exit code, standard output and error of a dry run below a folder."""
    wheel = tree.parent / f"edgepose-0.1.0-cp310-abi3-manylinux_2_17_{machine}.whl"
    wheel.touch()
    done = subprocess.run([INSTALL, "--dry-run", "--root", tree, "--wheel", wheel, *options], capture_output=True,
                          text=True, timeout=60, env={**os.environ, "PYTHONPATH": ""})
    return done.returncode, done.stdout, done.stderr


def listing(tree):
    return sorted((str(path), path.lstat().st_mtime_ns) for path in tree.rglob("*"))


@pytest.mark.parametrize("file", ["install.sh", "packages.sh", "deb.sh", "image.sh", "debian/postinst",
                                  "debian/prerm", "debian/postrm"])
def test_script_when_shellcheck_reads_it_then_it_has_nothing_to_say(file):
    if not shutil.which("shellcheck"):
        pytest.skip("no shellcheck here: apt install shellcheck")
    parts = sorted((ROOT / "ports" / "install").glob("*.sh")) if file == "install.sh" else []
    done = subprocess.run(["shellcheck", ROOT / "ports" / file, *parts], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(("name", "architecture", "python", "systemd", "board"), BOARDS)
def test_dry_run_when_a_board_is_fresh_then_it_says_all_and_changes_nothing(system, name, architecture, python, systemd,
                                                                           board):
    tree = system(name, architecture, python, systemd)
    before = listing(tree)
    code, text, errors = dry_run(tree, machine=MACHINES[architecture])
    assert (code, errors, listing(tree)) == (0, "", before)
    assert f"board: {board}\n" in text and f"Python {python}\n" in text
    assert f"ports/{board}/limits.conf {tree}/etc/systemd/system/edgepose.service.d/board.conf" in text
    assert f"ports/{board}/70-edgepose.rules" in text and "systemctl --quiet enable edgepose" in text
    assert ("notify-reload.conf" in text) == (int(systemd[:3]) >= 254)
    assert ("--system-site-packages" in text) == (architecture == "armhf") == ("python3-av" in text)


@pytest.mark.parametrize(("name", "python", "said"), [
    ("jetson-nano", "3.6", "Python 3.6 of JetPack 4, Ubuntu 18.04.6 LTS is too old"),
    ("jetson-xavier-nx", "3.8", "Python 3.8 of JetPack 5, Ubuntu 20.04.6 LTS is too old"),
    ("raspberry-pi-4", "3.9", "Python 3.9 of Debian GNU/Linux 12 (bookworm) is too old"),
    ("raspberry-pi-5", "3.14", "Python 3.14 is too new"),
])
def test_dry_run_when_python_does_not_fit_then_one_line_says_the_way_out(system, name, python, said):
    code, text, errors = dry_run(system(name, python=python))
    assert (code, text, errors.count("\n")) == (2, "", 1)
    assert said in errors and "--uv-python" in errors


def test_dry_run_when_uv_is_to_fetch_a_python_then_the_systems_own_does_not_matter(system):
    code, text, _ = dry_run(system("jetson-xavier-nx", python="3.8"), "--uv-python")
    assert code == 0 and "uv python install 3.12" in text and "board: jetson-xavier-nx\n" in text


def test_dry_run_when_32_bit_arm_has_a_python_without_runtime_then_it_is_said(system):
    code, _, errors = dry_run(system("raspberry-pi-4-32-bit", "armhf", "3.13"), machine="armv7l")
    assert code == 2 and "32-bit ARM" in errors and "3.11 is the last" in errors


@pytest.mark.parametrize(("options", "machine", "said"), [
    (["--frobnicate"], "aarch64", "--frobnicate is not known"),
    (["--wheel"], "aarch64", "--wheel wants a value"),
    (["--wheel", "/no/such.whl"], "aarch64", "/no/such.whl: no such wheel"),
    (["--root", "/no/such"], "aarch64", "/no/such: no such folder"),
    (["--board", "abacus"], "aarch64", "abacus is no board; there are: aarch64 "),
    (["--python", "/no/python"], "aarch64", "/no/python: no such interpreter"),
    ([], "x86_64", "is not a wheel for aarch64 (arm64)"),
])
def test_dry_run_when_an_option_is_wrong_then_one_line_says_which(system, options, machine, said):
    code, text, errors = dry_run(system("raspberry-pi-4"), *options, machine=machine)
    assert (code, text, errors.count("\n")) == (2, "", 1) and said in errors


def test_dry_run_when_the_architecture_has_no_runtime_then_it_is_said(system):
    code, _, errors = dry_run(system("aarch64", "riscv64"))
    assert code == 2 and "riscv64 has no TFLite runtime" in errors


def test_dry_run_when_the_system_is_no_debian_then_it_is_said(system):
    tree = system("aarch64")
    (tree / "etc/os-release").write_text('ID=fedora\nPRETTY_NAME="Fedora Linux 41"\n')
    assert "Fedora Linux 41 is not Debian" in dry_run(tree)[2]


def test_remove_when_nothing_is_there_then_it_says_so(system):
    assert dry_run(system("raspberry-pi-4"), "--remove")[:2] == (0, "edgepose: nothing to remove\n")
