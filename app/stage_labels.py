"""What the organization that is looked at calls the stages of its people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import streamlit as st

from domain.wording import STAGE_LABELS as OURS


class StageLabels(Mapping[str, str]):
    """Reads as a mapping from the key of a stage to its name: the organization's own, else ours."""

    def __getitem__(self, stage: str) -> str:
        return _names().get(stage) or OURS[stage]

    def __iter__(self) -> Iterator[str]:
        return iter(OURS)

    def __len__(self) -> int:
        return len(OURS)


def _names() -> Mapping[str, str]:
    visit = st.session_state.get("visit")
    found: Mapping[str, str] = visit.me["stage_names"] if visit is not None else {}
    return found


STAGE_LABELS = StageLabels()
