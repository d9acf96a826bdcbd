import subprocess
import sys

import pytest

from pipeline.errors import InputError, run_stage, suggest


def test_every_fault_is_told_on_a_line_of_its_own():
    error = InputError("params.yaml", ["group.shingle: must be at least 2 (got 1)", "clean.x: no such parameter"])
    assert str(error) == "params.yaml: 2 faults\n  - group.shingle: must be at least 2 (got 1)\n  - clean.x: no such parameter"
    assert str(InputError("file.csv", ["empty"])).startswith("file.csv: 1 fault\n")


def test_suggestion_only_for_close_names():
    assert suggest("outlett", ["outlet", "title"]) == "; did you mean 'outlet'?"
    assert suggest("zebra", ["outlet", "title"]) == ""


def test_input_error_ends_a_stage_with_its_message_and_no_traceback(capsys):
    def failing():
        raise InputError("data/raw", ["holds no articles"])

    with pytest.raises(SystemExit, match="1"):
        run_stage(failing)
    assert capsys.readouterr().err == "error: data/raw: 1 fault\n  - holds no articles\n"


def test_an_interrupted_stage_says_so_without_a_traceback(capsys):
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(SystemExit, match="130"):
        run_stage(interrupted)
    assert capsys.readouterr().err == "interrupted; ./run goes on with this stage\n"


def test_a_fault_of_the_program_keeps_its_traceback():
    def broken():
        raise ZeroDivisionError("own fault")

    with pytest.raises(ZeroDivisionError, match="own fault"):
        run_stage(broken)


def test_a_stage_that_is_done_leaves_at_once_with_all_it_said_and_wrote(tmp_path):
    stage = """
import atexit, sys
from pipeline.errors import run_stage
atexit.register(print, "taken down")
def main():
    print("done")
    print("warned", file=sys.stderr)
    with open(sys.argv[1], "w") as file:
        file.write("whole")
run_stage(main)
"""
    done = subprocess.run([sys.executable, "-c", stage, str(tmp_path / "file")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "done\n", "warned\n")
    assert (tmp_path / "file").read_text() == "whole"
