"""What stands for a password in the config."""

import pytest

from edgepose.daemon.config import passwords


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    monkeypatch.setattr(passwords, "COST", (1 << 4, 8, 1))


@pytest.mark.parametrize("text", ["correct horse", "ü$ß", " ", "x" * 5000, "\udcff"])
def test_password_when_it_is_the_one_matches(text):
    hashed = passwords.hash_password(text)
    assert passwords.is_hash(hashed)
    assert passwords.matches(text, hashed)
    assert not passwords.matches(text + " ", hashed)
    assert text == " " or text not in hashed


def test_password_when_hashed_twice_differs():
    assert passwords.hash_password("same") != passwords.hash_password("same")


def test_password_when_hashed_at_full_cost_matches(monkeypatch):
    monkeypatch.undo()
    hashed = passwords.hash_password("once")
    assert hashed.startswith("scrypt$16384$8$5$")
    assert passwords.matches("once", hashed)


def test_password_when_empty_is_refused():
    with pytest.raises(ValueError, match="empty"):
        passwords.hash_password("")


@pytest.mark.parametrize("text", [
    "", "hunter2", "scrypt$16384$8$5$", "$2b$12$abcdefghijklmnopqrstuv", "scrypt$15$8$1$c2FsdHNhbHQ=$aGFzaGhhc2g=",
    "scrypt$0$8$1$c2FsdHNhbHQ=$aGFzaGhhc2g=", "scrypt$4194304$99$1$c2FsdHNhbHQ=$aGFzaGhhc2g=",
    "scrypt$16$8$99$c2FsdHNhbHQ=$aGFzaGhhc2g=", "scrypt$16$0$1$c2FsdHNhbHQ=$aGFzaGhhc2g=",
    "scrypt$16$8$1$c2FsdHNhbHQ$aGFzaGhhc2g=", "scrypt$16$8$1$c2FsdHNhbHQ=$aGFzaGhhc2g=\n"])
def test_hash_when_it_is_none_of_ours_is_told(text):
    assert not passwords.is_hash(text)
    with pytest.raises(ValueError, match="not a password hash"):
        passwords.matches("any", text)
