"""The list of Debian's packages, and that what is installed, packaged and containerised is made of it."""

import re
import subprocess

import pytest

from tests.conftest import ROOT

PORTS = ROOT / "ports"
PLACES = {"run", "deb", "service", "pip", "build", "offered"}
ARCHITECTURES = {"amd64", "arm64", "armhf"}


def rows():
    lines = (PORTS / "packages.txt").read_text().splitlines()
    return [line.split() for line in lines if line and not line.startswith("#")]


def listed(architecture, *places):
    done = subprocess.run([PORTS / "packages.sh", architecture, *places], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_list_when_read_then_every_line_names_a_package_a_place_and_architectures_that_there_are():
    for package, place, *architectures in rows():
        assert re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", package) and place in PLACES
        assert set(architectures) <= ARCHITECTURES


def test_list_when_asked_for_an_architecture_then_it_gives_what_has_none_or_this_one():
    wanted = [row[0] for row in rows() if row[1] in ("run", "pip") and (not row[2:] or "armhf" in row[2:])]
    assert listed("armhf", "run", "pip") == wanted and "python3-av" in wanted
    assert "python3-av" not in listed("amd64", "run", "pip")


@pytest.mark.parametrize("file", ["install.sh", "install/packages.sh", "deb.sh", "debian/control", "Containerfile"])
def test_list_when_something_is_installed_then_no_other_file_names_a_package(file):
    packages = {row[0] for row in rows()} - {"python3", "systemd"}  # words of other meanings, too
    words = set(re.findall(r"[a-z0-9][a-z0-9+.-]+", (PORTS / file).read_text()))
    assert not packages & words


@pytest.mark.parametrize("file", ["install/packages.sh", "deb.sh", "Containerfile"])
def test_list_when_packages_are_wanted_then_it_is_asked(file):
    assert "packages.sh" in (PORTS / file).read_text()
