"""Deals and pipelines: lists, boards, and the moves between stages."""
