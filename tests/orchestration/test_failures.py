"""A pass that fails says where and why in a line, and one that was stopped says that the same command goes on."""

from __future__ import annotations

import dagster as dg
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError

from orchestration.pipeline import failure_of

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@pytest.mark.parametrize(
    ("error", "said", "hint"),
    [
        (ValueError("no such column"), "a_job: a_step: ValueError: no such column", "Open the run"),
        (DagsterExecutionInterruptedError(), "a_job: stopped at a_step", "goes on"),
    ],
)
def test_a_failure_is_a_line_on_screen_and_a_stack_in_the_log(error, said, hint, capsys):
    @dg.op(name="a_step")
    def step() -> None:
        raise error

    job = dg.JobDefinition(graph_def=dg.GraphDefinition("a_job", node_defs=[step]), resource_defs={})
    failure = failure_of("a_job", job.execute_in_process(run_config=QUIET, raise_on_error=False))

    assert failure.message.startswith(said)
    assert hint in (failure.hint or "")
    printed = capsys.readouterr()
    assert "Stack Trace" in printed.out
    assert printed.err == ""
