"""The package index that pip is configured with, and the wheels that it has."""

import functools
import subprocess
import sys

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidWheelFilename, parse_wheel_filename


@functools.cache
def address():
    """The index that pip is configured with; None where nobody chose one, and each tool knows the usual one."""
    done = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    return chosen(done.stdout)


def chosen(text):
    """The index in what `pip config list` says, the environment's before a file's; None where there is none."""
    pairs = (line.partition("=") for line in text.splitlines())
    found = {key: value.strip("'\"") for key, _, value in pairs if key.endswith(".index-url")}
    return found.get(":env:.index-url") or next(iter(found.values()), None)


@functools.cache
def files(package):
    """[(file name, Python versions it is for or None)] of a package, without what was withdrawn."""
    from pypi_simple import PyPISimple

    endpoint = address()
    with PyPISimple(endpoint) if endpoint else PyPISimple() as client:
        page = client.get_project_page(package)
    return [(file.filename, file.requires_python) for file in page.packages if not file.is_yanked]


def newest(files, tags, python):
    """The newest released version that has a wheel with one of these tags for a Python such as "3.11"; None if none."""
    fitting = (parse(name)[0] for name, word in files if parse(name)[1] & tags and admits(word, python))
    return max((version for version in fitting if not version.is_prerelease), default=None)


def parse(name):
    """(version, tags) of a wheel's name; no tags where it is no wheel."""
    try:
        _, version, _, tags = parse_wheel_filename(name)
    except InvalidWheelFilename:
        return None, frozenset()
    return version, tags


def admits(specifier, python):
    """Whether a file's own word on Python versions admits one; a word that nobody can read admits all."""
    try:
        return SpecifierSet(specifier or "").contains(f"{python}.0")
    except InvalidSpecifier:
        return True
