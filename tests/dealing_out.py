"""How tests are dealt out where several processes run them: what costs seconds to make is made in one of them."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

TOGETHER = {
    "tests/app/": "the app and its browser",
    "tests/serving/pixel/": "the pixel's page",
    "tests/dbt_project/": "the stories",
    "tests/data/simulator/": "the default world",
    "tests/models_ml/identity/": "the default world",
}
"""Beginnings of the paths of tests, and what of the run (`scope="session"`) they share."""


class BySharedThings(LoadScopeScheduling):
    """Tests of one file stay together, and so do files that share a fixture of the whole run."""

    def _split_scope(self, nodeid: str) -> str:
        return next(
            (shared for start, shared in TOGETHER.items() if nodeid.startswith(start)), nodeid.partition("::")[0]
        )
