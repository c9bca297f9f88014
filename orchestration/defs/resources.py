"""Resources by name. A file of its own: a module with `@dg.definitions` hides its other definitions."""

import dagster as dg
from dagster_dbt import DbtCliResource

from orchestration.resources import House
from orchestration.state import DBT_PROJECT


@dg.definitions
def resources() -> dg.Definitions:
    return dg.Definitions(
        resources={
            "house": House(),
            "dbt": DbtCliResource(project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT)),
        },
        # The event log keeps every line; a terminal or a log file only wants what went wrong.
        loggers={"console": dg.colored_console_logger.configured({"log_level": "ERROR"})},
        executor=dg.in_process_executor,
    )
