"""The workflow in the guide can be read."""

from __future__ import annotations

from pathlib import Path

from serving.enrichment.documents import read_document, write_document

GUIDE = Path(__file__).parents[3] / "docs/how-to/enrich-leads.md"


def test_the_workflow_in_the_guide_is_one():
    source = GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1].split("```")[0]
    workflow = read_document(source)
    assert [choice.minimum_confidence for choice in workflow.fields[1].providers] == [0.0, 0.6]
    assert read_document(write_document(workflow)) == workflow
