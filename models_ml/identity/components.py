"""Connected components of the identity graph: edges in Arrow, integers inside, one row a node out.

Three rules beyond plain union-find, in this order:

1. Strong edges (an address of a contact, a person's decision) join by themselves.
2. A weak edge (a browser, an old address) joins its left node only if all weak edges of that node lead to one identity:
   two identified people are never joined by a shared browser.
3. Two nodes that somebody decided are different people never end in one component: within such a component the edges
   are taken again, surest first, and those that would join the two are refused.

`person_id` of a component is the text of its oldest member (ties: the smaller text), so it stays when others join.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from storage.lake import Lake

EDGES = "select organization_id, left_node, right_node, verdict, strength, confidence, observed_at, edge_id from intermediate.int_identity_edges"
NODES = "select organization_id, node, first_seen_at from intermediate.int_identity_nodes"
TARGET = "lake.intermediate.identity_components"

Codes = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class ComponentReport:
    """What came of it; a refused edge is one that a decision forbade, an ambiguous node one that several people share."""

    node_count: int
    person_count: int
    edge_count: int
    ambiguous_node_count: int
    refused_edge_count: int


def build_components(lake: Lake) -> ComponentReport:
    """Reads dbt's edges and nodes, and replaces `intermediate.identity_components` in one transaction."""
    table, report = solve(lake.arrow(EDGES), lake.arrow(NODES))
    with lake.staging() as cursor:
        cursor.register("identity_components_new", table)
        with lake.commit(cursor):
            cursor.execute(
                f"create table if not exists {TARGET} (organization_id varchar, node varchar, person_id varchar)"
            )
            cursor.execute(f"delete from {TARGET}")
            cursor.execute(
                f"insert into {TARGET} select organization_id, node, person_id from identity_components_new "
                "order by organization_id, node"
            )
        cursor.unregister("identity_components_new")
    return report


def solve(edges: pa.Table, nodes: pa.Table) -> tuple[pa.Table, ComponentReport]:
    """The components of a graph.

    `edges`: organization_id, left_node, right_node, verdict (same|different), strength (strong|weak), confidence,
    observed_at, edge_id. `nodes`: organization_id, node, first_seen_at; every node of an edge is among them.
    Answers organization_id, node, person_id for each of `nodes`.
    """
    names = _keys(nodes["organization_id"], nodes["node"])
    left = _codes(edges["organization_id"], edges["left_node"], names)
    right = _codes(edges["organization_id"], edges["right_node"], names)
    same = _mask(edges, "verdict", "same")
    strong = same & _mask(edges, "strength", "strong")
    weak = same & ~strong

    count = nodes.num_rows
    labels = _components(count, left[strong], right[strong])
    kept_left, kept_right, ambiguous = _unambiguous(labels, left[weak], right[weak])
    joined_left = np.concatenate([left[strong], kept_left])
    joined_right = np.concatenate([right[strong], kept_right])
    labels = _components(count, joined_left, joined_right)
    labels, refused = _keep_apart(labels, left, right, ~same, strong, (kept_left, kept_right), edges)

    oldest = _oldest_member(labels, nodes)
    people = nodes["node"].take(pa.array(oldest[labels]))
    table = pa.table({"organization_id": nodes["organization_id"], "node": nodes["node"], "person_id": people})
    report = ComponentReport(count, len(oldest), edges.num_rows, ambiguous, refused)
    return table, report


def _keys(organizations: pa.ChunkedArray, nodes: pa.ChunkedArray) -> pa.Array:
    return pc.binary_join_element_wise(organizations, nodes, "\x1f").combine_chunks()


def _codes(organizations: pa.ChunkedArray, nodes: pa.ChunkedArray, names: pa.Array) -> Codes:
    found = pc.index_in(_keys(organizations, nodes), value_set=names)
    if found.null_count:
        raise ValueError("an identity edge names a node that int_identity_nodes does not have")
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.int64)


def _mask(table: pa.Table, column: str, value: str) -> np.ndarray[Any, np.dtype[np.bool_]]:
    return np.asarray(pc.equal(table[column], value).to_numpy(), dtype=np.bool_)


def _components(count: int, left: Codes, right: Codes) -> Codes:
    """A label 0..n-1 for each node; scipy's union-find does 10 million edges in seconds."""
    graph = coo_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(count, count))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _unambiguous(labels: Codes, left: Codes, right: Codes) -> tuple[Codes, Codes, int]:
    """The weak edges whose left node leads to one identity only, and how many nodes lead to several.

    A right node may itself hang on weak edges (a browser on an old address): two passes resolve that.
    """
    for _ in range(2):
        count = len(labels)
        # one integer a pair: a node and an identity number below 2**31 each
        pairs = np.unique(left * count + labels[right])
        identities = np.bincount(pairs // max(count, 1), minlength=count)
        certain = identities[left] == 1
        # only what points at another weak edge's left node can change in the second pass
        labels = _components(
            count,
            np.concatenate([np.arange(count), left[certain]]),
            np.concatenate([_representatives(labels), right[certain]]),
        )
    return left[certain], right[certain], int((identities > 1).sum())


def _representatives(labels: Codes) -> Codes:
    """For each node, the first node of its component."""
    _, first = np.unique(labels, return_index=True)
    return np.asarray(first[labels], dtype=np.int64)


def _keep_apart(
    labels: Codes,
    left: Codes,
    right: Codes,
    different: np.ndarray[Any, np.dtype[np.bool_]],
    strong: np.ndarray[Any, np.dtype[np.bool_]],
    weak: tuple[Codes, Codes],
    edges: pa.Table,
) -> tuple[Codes, int]:
    """Splits every component in which two nodes were decided to be different; answers labels and refused edges."""
    clashes = np.flatnonzero(different & (labels[left] == labels[right]))
    if not len(clashes):
        return labels, 0
    is_broken = np.zeros(len(labels), dtype=np.bool_)
    is_broken[labels[left[clashes]]] = True
    # from here on Python's loops see the broken components only
    rows = np.flatnonzero(strong & is_broken[labels[left]])
    taken = edges.take(pa.array(rows))
    sure = np.lexsort((taken["edge_id"].to_numpy(), -taken["confidence"].to_numpy()))
    rows = rows[sure]
    kept = is_broken[labels[weak[0]]]
    loose = np.lexsort((weak[1][kept], weak[0][kept]))
    one = np.concatenate([left[rows], weak[0][kept][loose]])
    other = np.concatenate([right[rows], weak[1][kept][loose]])
    members = np.flatnonzero(is_broken[labels])
    apart = zip(left[clashes].tolist(), right[clashes].tolist(), strict=True)
    roots, refused = constrained_union(members.tolist(), zip(one.tolist(), other.tolist(), strict=True), apart)
    fresh = labels.copy()
    fresh[members] = len(labels) + np.fromiter((roots[node] for node in members.tolist()), np.int64, len(members))
    _, compact = np.unique(fresh, return_inverse=True)
    return np.asarray(compact, dtype=np.int64), refused


def constrained_union(
    nodes: Iterable[int], edges: Iterable[tuple[int, int]], apart: Iterable[tuple[int, int]]
) -> tuple[dict[int, int], int]:
    """Union-find in the order of `edges` that never joins a pair of `apart`: node to root, and edges refused."""
    parent = {node: node for node in nodes}
    enemies: dict[int, set[int]] = {}
    """Root to the roots it must not meet; only of those that have any."""
    for a, b in apart:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    refused = 0
    for a, b in edges:
        one, other = root(a), root(b)
        if one == other:
            continue
        if other in enemies.get(one, ()):
            refused += 1
            continue
        if len(enemies.get(one, ())) < len(enemies.get(other, ())):
            one, other = other, one
        parent[other] = one
        for enemy in enemies.pop(other, ()):
            enemies[enemy].discard(other)
            enemies[enemy].add(one)
            enemies[one].add(enemy)
    return {node: root(node) for node in parent}, refused


def _oldest_member(labels: Codes, nodes: pa.Table) -> Codes:
    """For each label, the row of its oldest node."""
    ages = pa.table(
        {"label": labels, "at": nodes["first_seen_at"], "node": nodes["node"], "row": np.arange(len(labels))}
    )
    ordered = ages.sort_by([("label", "ascending"), ("at", "ascending"), ("node", "ascending")])
    rows = ordered["row"].to_numpy()
    _, first = np.unique(ordered["label"].to_numpy(), return_index=True)
    return np.asarray(rows[first], dtype=np.int64)
