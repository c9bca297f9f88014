"""Forgetting people: asked for here, carried out by the worker and the pipeline."""
