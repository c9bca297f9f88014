"""The key of one person: what is sealed under it cannot be read once it is gone, wherever copies of it lie."""

from __future__ import annotations

import os
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.errors import NotFound
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import Repository
from storage.ops.sealing import KEY_BYTES, Sealer
from storage.ops.tables import SubjectKey


class SubjectKeys(Repository):
    def ensure(self, subject_id: str, organization_id: str | None = None) -> bytes:
        """The 32 bytes of a subject's key, made when first needed."""
        target = self.target(organization_id)
        key = self.find(subject_id, target)
        if key is not None:
            return key
        key = os.urandom(KEY_BYTES)
        sealed = self.work.sealer.seal(key, target, "subject_keys", "sealed_key")
        made = SubjectKey(subject_id=subject_id, organization_id=target, sealed_key=sealed, created_at=self.work.now())
        try:
            with self.session.begin_nested():
                self.session.add(made)
                self.session.flush()
        except IntegrityError:  # somebody else made it in this moment
            found = self.find(subject_id, target)
            if found is None:
                raise
            return found
        return key

    def ensure_all(self, subject_ids: Collection[str], organization_id: str) -> dict[str, tuple[Sealer, bytes]]:
        """The keys of many, each with its sealer: one question for those that are there, one statement for the others.

        Raises NotFound for a subject that belongs to another organization.
        """
        target = self.target(organization_id)
        found = self.find_all(subject_ids, target)
        missing = sorted(set(subject_ids) - found.keys())
        if not missing:
            return found
        rows = [
            {
                "subject_id": subject_id,
                "organization_id": target,
                "sealed_key": self.work.sealer.seal(os.urandom(KEY_BYTES), target, "subject_keys", "sealed_key"),
                "created_at": self.work.now(),
            }
            for subject_id in missing
        ]
        made = upsertion(SubjectKey, self.work.store.engine.dialect).on_conflict_do_nothing()
        self.session.connection().execute(made, rows)
        found |= self.find_all(missing, target)  # somebody else may have made one in this moment: theirs holds
        if len(found) < len(set(subject_ids)):
            raise NotFound("a subject's key is not in this organization")
        return found

    def find_all(self, subject_ids: Collection[str], organization_id: str) -> dict[str, tuple[Sealer, bytes]]:
        """Those that are there, each with its sealer, read in one question."""
        rows = self.session.execute(
            select(SubjectKey.subject_id, SubjectKey.sealed_key).where(
                SubjectKey.organization_id == organization_id,
                SubjectKey.subject_id.in_(subject_ids),
                self.readable(SubjectKey.organization_id),
            )
        ).all()
        keys = {
            subject_id: self.work.sealer.open(sealed, organization_id, "subject_keys", "sealed_key")
            for subject_id, sealed in rows
        }
        return {subject_id: (sealer_of(key), key) for subject_id, key in keys.items()}

    def find(self, subject_id: str, organization_id: str) -> bytes | None:
        """None where there is none, or no longer one."""
        row = self.by_id(SubjectKey, subject_id)
        if row is None or row.organization_id != organization_id:
            return None
        return self.work.sealer.open(row.sealed_key, organization_id, "subject_keys", "sealed_key")

    def shred(self, subject_id: str) -> bool:
        """Deletes the key: everything sealed under it is closed for good. Answers whether there was one."""
        row = self.by_id(SubjectKey, subject_id)
        if row is None:
            return False
        self.writable(row.organization_id)
        self.session.delete(row)
        self.session.flush()
        return True


def sealer_of(key: bytes) -> Sealer:
    """Seals and opens under a subject's key."""
    return Sealer({"subject": key})
