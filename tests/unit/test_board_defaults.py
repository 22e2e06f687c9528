"""What a board's profile decides where nobody says otherwise, and which cores are kept to."""

import os
from dataclasses import replace

import pytest

from edgepose import board, machine
from edgepose.board import defaults
from edgepose.board.profile import Cores, Defaults
from edgepose.errors import ConfigError
from tests.boards import PLAIN, made

BOARD = replace(PLAIN, cores=Cores(4, (1, 2, 3), 3), defaults=Defaults("movenet-thunder", "tflite"))


@pytest.fixture
def cores(monkeypatch):
    """Says which cores there are, and which of them this process may use."""
    def say(n, usable=None):
        monkeypatch.setattr(os, "cpu_count", lambda: n)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(n) if usable is None else usable))

    say(4)
    return say


def test_defaults_when_nothing_is_given_are_the_boards(cores):
    assert defaults.settle(BOARD) == ("movenet-thunder", "tflite", 3)


def test_defaults_when_something_is_given_leave_it(cores):
    assert defaults.settle(BOARD, "movenet-lightning", "openvino", 1) == ("movenet-lightning", "openvino", 1)
    assert defaults.settle(BOARD, "", "", 0) == ("", "", 0)  # wrong, and for others to say so


def test_backend_when_a_setting_of_another_is_given_is_not_taken_for_granted(cores):
    assert defaults.settle(BOARD, settings=["device"])[1] == "auto"


def test_threads_when_there_are_fewer_cores_are_fewer(cores):
    cores(4, {2, 3})
    assert defaults.settle(BOARD)[2] == 2


def test_pc_when_nothing_is_given_has_one_thread_and_keeps_to_no_cores():
    here = board.load("x86-64")
    assert defaults.settle(here) == ("movenet-lightning", "auto", 1)
    assert defaults.cores_to_keep(here, 1) == ()


def test_cores_when_nothing_speaks_against_them_are_the_boards(cores):
    assert defaults.cores_to_keep(BOARD, 3) == (1, 2, 3)


@pytest.mark.parametrize("n, usable, threads", [
    (4, (1, 2, 3), 3), (4, (0, 1), 1), (2, None, 1), (3, None, 3), (1, None, 1), (4, None, 4)],
    ids=["taskset to the same", "taskset", "two switched off", "one switched off", "one core", "more threads"])
def test_cores_when_something_speaks_against_them_are_all(cores, n, usable, threads):
    cores(n, usable)
    assert defaults.cores_to_keep(BOARD, threads) == ()


def test_process_when_it_keeps_to_its_boards_cores_may_run_on_no_other(cores, monkeypatch):
    kept = []
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, numbers: kept.append((process, numbers)))
    assert defaults.keep_to_own(BOARD, 3) == (1, 2, 3) and kept == [(0, (1, 2, 3))]
    assert defaults.keep_to_own(PLAIN, 1) == () and len(kept) == 1


@pytest.mark.parametrize("numbers", [[4095], [-1], [10**30]])
def test_core_that_is_not_there_is_refused(numbers):
    with pytest.raises(ConfigError, match=f"--cpus {numbers[0]}: .*; this machine lets us use "):
        defaults.keep_to(numbers)
    assert machine.n_usable_cores() >= 1


def test_words_name_the_board_and_what_it_decides():
    assert defaults.words(BOARD, 3, (1, 2, 3)) == "Made-up Board: 3 thread(s) on cores 1,2,3"
    assert defaults.words(PLAIN, 1) == "Made-up Board: 1 thread(s)"


@pytest.mark.parametrize("model, said", [(None, None), ("", None), ("Nobody's Board", "Nobody's Board has no profile")])
def test_words_of_a_generic_board_say_that_it_is_one(monkeypatch, model, said):
    monkeypatch.setattr(defaults, "model_of", lambda: model)
    assert (defaults.words(made("aarch64"), 1) or None) == (said and f"{said} of its own; the generic one is taken,"
                                                            " aarch64")


def test_words_of_an_unknown_architecture_are_one_line(tmp_path):
    (tmp_path / "edgepose").mkdir()
    (tmp_path / "edgepose/userland").write_text("riscv64\n")
    assert defaults.words(board.detect(tmp_path), 1).startswith("unknown board (riscv64): edgepose knows aarch64, ")
