"""Vectors of companies, one LanceDB table an organization. The only place that imports lancedb, and only when asked."""

from storage.vectors.vectors import Nearest, Vectors

__all__ = ["Nearest", "Vectors"]
