"""A sequence while it is written: graph and YAML say the same, faults are marked at their steps; and its versions."""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import InvalidInput
from serving.sending.gathering import definition_of
from serving.sequences.documents import faults_of_document, write_document
from serving.sequences.rewriting import rewrite
from serving.sequences.schemas import CheckIn, CheckOut, FaultOut, VersionListOut, VersionOut, VersionTextOut
from serving.sequences.yaml_text import plain
from serving.yaml_documents import load_document
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Work
from storage.ops.tables import SequenceVersion


def check(body: CheckIn) -> CheckOut:
    """Without a document: what the YAML says. With one: the YAML, changed so that it says that. Raises InvalidInput where
    a document is to be worked into something that is no YAML."""
    try:
        raw = load_document(body.source)
    except InvalidInput as error:
        if body.document is not None:
            raise
        return CheckOut(source=body.source, document=None, problems=[FaultOut(message=error.message)])
    source, document = body.source, raw
    if body.document is not None:
        source, document = rewrite(body.source, body.document), body.document
    return CheckOut(
        source=source,
        document=plain(document) if isinstance(document, Mapping) else None,
        problems=[
            FaultOut(message=fault.message, step=fault.step, field=fault.field)
            for fault in faults_of_document(document)
        ],
    )


def versions(work: Work, sequence_id: str) -> VersionListOut:
    Sequences(work).get(sequence_id)
    return VersionListOut(items=[_version(one) for one in Sequences(work).versions(sequence_id)])


def version(work: Work, sequence_id: str, number: int) -> VersionTextOut:
    found = Sequences(work).version(sequence_id, number)
    return VersionTextOut(**_version(found).model_dump(), source=text_of(found))


def text_of(version: SequenceVersion) -> str:
    """As it was written, or else as short as it can be."""
    return version.source or write_document(definition_of(version.definition))


def _version(one: SequenceVersion) -> VersionOut:
    return VersionOut(
        version=one.version, note=one.note, created_by=one.created_by, created_at=one.created_at,
        step_count=len(one.definition["steps"]),
    )  # fmt: skip
