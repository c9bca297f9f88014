"""What a list of contacts may be asked: its fields, and each filter as SQL, as a condition on a contact and as the set of
contacts that meet it, where an index finds those."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from domain.custom_attributes import PREFIX, DataType, indexed_value
from domain.filters import Condition, FieldType, Op, Sort, parse_filters, parse_sort
from domain.search import asked_words, folded
from domain.tasks import TOUCHES
from storage.ops.keys import among
from storage.ops.repositories.listing import ListField, clause, owned, types_of
from storage.ops.repositories.tags import Tags
from storage.ops.repositories.word_search import SOME, WordSearch
from storage.ops.store import Work
from storage.ops.tables import Activity, AttributeDefinition, Contact, ContactTag, ContactValue, ContactWords, Score

NOBODY = "nobody"
WITHOUT = "none"
FEW = 5_000
"""Up to here, contacts that meet a filter are found first and sorted after; above it, the order is walked until a page is full."""
STEPS = (40_000, 200_000)
"""Up to here it is counted how many contacts meet a filter, to know which one to look them up by: to the second only where
the first does not tell them apart."""
SCORE = "score"
"""The group of fields that a score holds."""
WORDS = "words"
TAG = "tag"
"""The field of the grammar that stands for the names of tags."""

PLAIN: Mapping[str, ListField] = {
    "first_name": ListField(FieldType.TEXT, Contact.first_name),
    "last_name": ListField(FieldType.TEXT, Contact.last_name),
    "email": ListField(FieldType.TEXT, Contact.email),
    "external_id": ListField(FieldType.TEXT, Contact.external_id),
    "title": ListField(FieldType.TEXT, Contact.title),
    "phone": ListField(FieldType.TEXT, Contact.phone),
    "country": ListField(FieldType.TEXT, Contact.country),
    "stage": ListField(FieldType.TEXT, Contact.lifecycle_stage),
    "source": ListField(FieldType.TEXT, Contact.source),
    "owner_user_id": ListField(FieldType.TEXT, Contact.owner_user_id),
    "company_id": ListField(FieldType.TEXT, Contact.company_id),
    "import_id": ListField(FieldType.TEXT, Contact.import_id),
    "created_at": ListField(FieldType.DATETIME, Contact.created_at),
    "known_at": ListField(FieldType.DATETIME, Contact.known_at),
    "updated_at": ListField(FieldType.DATETIME, Contact.updated_at),
}
OF_SCORES: Mapping[str, ListField] = {
    "score": ListField(FieldType.NUMBER, Score.score),
    "band": ListField(FieldType.TEXT, Score.band),
    "grade": ListField(FieldType.TEXT, Score.grade),
}
NEWEST = Sort("created_at", descending=True)
NAMED_ORDERS = {"newest": NEWEST, "score": Sort("score", descending=True), "name": Sort("name")}
"""What people call the orders they ask for most."""
SORTABLE = ("created_at", "name", "score")
INDEXED = frozenset(
    {"email", "external_id", "stage", "source", "owner_user_id", "company_id", "import_id", "created_at"}
)
"""Plain fields that an index finds contacts by."""
NARROWING = frozenset({Op.EQ, Op.IN, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.EMPTY, Op.FILLED})
OF_THE_ABSENT = frozenset({Op.NE, Op.NOT_IN, Op.EMPTY})
"""What also holds for contacts without a value."""
_CONTRARY = {Op.NE: Op.EQ, Op.NOT_IN: Op.IN, Op.EMPTY: Op.FILLED}
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class ContactQuestion:
    """What a list asks for. Empty fields do not filter; `attributes` is equality on custom attributes, as text."""

    search: str = ""
    stages: Sequence[str] = ()
    bands: Sequence[str] = ()
    """Score bands; `none` stands for contacts without a score."""
    sources: Sequence[str] = ()
    owners: Sequence[str] = ()
    """User ids; `nobody` stands for contacts without an owner."""
    is_worked: bool | None = None
    """Whether a person has reached out (`domain.tasks.TOUCHES`)."""
    import_id: str | None = None
    has_email: bool | None = None
    min_score: float | None = None
    max_score: float | None = None
    created_after: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    filters: Sequence[str] = ()
    """`field:op:value` (`domain.filters`); custom fields are `custom.<key>`."""
    sort: str = "newest"


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """One filter. `met_by` selects the ids of the contacts that meet it along an index, in no order; none where there is no
    such index."""

    clause: ColumnElement[bool]
    met_by: Select[str] | None = None
    is_exact: bool = False
    """Whether `met_by` selects none that lists do not show."""
    group: str = ""
    """`score`, or `custom.<key>`: where an order by one of these is walked, its filters are met there."""
    there: ColumnElement[bool] | None = None
    """The condition on the row of the order itself; none where it also holds for contacts without such a row."""
    repeats: bool = False
    """Whether `met_by` may name a contact twice."""
    of: Callable[[ColumnElement[str]], ColumnElement[bool]] | None = None
    """`clause` of the contact whose id a column holds; none where it needs more of a contact than that."""


class ContactFilters:
    """The filters of one question about one organization's contacts."""

    def __init__(
        self,
        work: Work,
        organization_id: str,
        question: ContactQuestion,
        definitions: Mapping[str, AttributeDefinition],
        few: int = FEW,
        some: int = SOME,
    ) -> None:
        self._work, self._session = work, work.session
        self._organization_id = organization_id
        self._question = question
        self._definitions = definitions
        self._most = few
        self._is_sqlite = work.session.get_bind().dialect.name == "sqlite"
        words = asked_words(question.search)
        self.words = WordSearch(work, ContactWords, organization_id, words, some) if words else None

    @property
    def shown(self) -> list[ColumnElement[bool]]:
        """Contacts of the organization that lists show."""
        return [Contact.organization_id == self._organization_id, Contact.deleted_at.is_(None)]

    def of_ids(self, ids: Sequence[str]) -> list[ColumnElement[bool]]:
        """Those of some ids."""
        own = owned(self._work, Contact.organization_id, self._organization_id)
        return [among(Contact.contact_id, self._work.store.engine.dialect, ids), own, Contact.deleted_at.is_(None)]

    @cached_property
    def parts(self) -> list[Part]:
        """Raises InvalidInput for a field that there is not, or a value that is none of it."""
        return [*self._of_contacts(), *self._of_scores(), *self._of_conditions(), *self._of_words()]

    @cached_property
    def order(self) -> Sort:
        """The order that is asked for, by its name or as a field with `-` before it. Raises InvalidInput."""
        asked = self._question.sort
        return NAMED_ORDERS.get(asked) or parse_sort(asked, [*SORTABLE, *custom_types(self._definitions)], NEWEST)

    def definition(self, key: str) -> AttributeDefinition:
        return self._definitions[key]

    def clauses(self, group: str = "", *, walked: Part | None = None) -> list[ColumnElement[bool]]:
        """All that a contact must meet. Where rows of a group are walked, their filters are conditions on those rows; an
        index is only to be used for the filter `walked`."""
        met = []
        for part in self.parts:
            if group and part.group == group and part.there is not None:
                met.append(part.there)
            else:
                met.append(part.clause if part is walked else self._without_index(part.clause))
        return [*self.shown, *met]

    def _without_index(self, met: ColumnElement[bool]) -> ColumnElement[bool]:
        """SQLite knows nothing of how often a value occurs, and takes any index that fits: we do, and say which."""
        return case((met, 1), else_=0) == 1 if self._is_sqlite else met

    def need(self, group: str) -> bool:
        """Whether nobody without a row of the group can meet them."""
        return any(part.group == group and part.there is not None for part in self.parts)

    def few(self) -> list[str] | None:
        """The ids that meet all filters, if those that meet one of them are few; None where every filter finds many."""
        if self.narrowest is None or self._sizes[self.narrowest] > self._most:
            return None
        met_by = self.narrowest.met_by
        assert met_by is not None
        ids = list(self._session.scalars(met_by.limit(self._most)))
        if len(self.parts) == 1 and self.narrowest.is_exact:
            return ids
        others = [part.clause for part in self.parts if part is not self.narrowest]
        return list(self._session.scalars(select(Contact.contact_id).where(*self.of_ids(ids), *others)))

    def found_by_words(self) -> ColumnElement[bool] | None:
        """A condition on the words, where they are all that is asked for and not frequent."""
        if self.words is None or len(self.parts) != 1 or self.words.is_frequent:
            return None
        return self.words.found

    @cached_property
    def narrowest(self) -> Part | None:
        """The filter that the fewest contacts meet, of those that an index finds."""
        return min(self._sizes, key=self._sizes.__getitem__, default=None)

    @cached_property
    def _sizes(self) -> dict[Part, int]:
        """How many contacts meet each filter that an index finds, up to the last of `STEPS` that had to be gone."""
        found = [part for part in self.parts if part.met_by is not None]
        sizes: dict[Part, int] = {}
        for most in STEPS:
            sizes = {part: self._size(part, most) for part in found}
            if len(found) < 2 or min(sizes.values()) < most:
                break
        return sizes

    def _size(self, part: Part, most: int) -> int:
        if self.words is not None and part.group == WORDS:
            return self.words.size
        assert part.met_by is not None
        return self._counted(part.met_by, most)

    def count(self, most: int) -> int:
        """How many contacts meet all filters, at most so many."""
        part = self.narrowest
        if self.words is not None and len(self.parts) == 1 and self.words.size >= most:
            return most
        if part is None:
            return self._counted(select(Contact.contact_id).where(*self.clauses()), most)
        if len(self.parts) == 1 and part.is_exact:
            return min(self._sizes[part], most)
        if part.group in {"", WORDS}:
            return self._counted(select(Contact.contact_id).where(*self.clauses(walked=part)), most)
        assert part.met_by is not None
        others = [each.of for each in self.parts if each is not part]
        if part.is_exact and all(others):  # then nothing of the contacts themselves has to be read
            ids = part.met_by.subquery("found").c.contact_id
            return self._counted(select(ids).where(*(of(ids) for of in others if of)), most)
        found = part.met_by.join(Contact, Contact.contact_id == part.met_by.selected_columns[0])
        found = found.where(*self.clauses(part.group))
        return self._counted(found.distinct() if part.repeats else found, most)

    def _counted(self, found: Select[str], most: int) -> int:
        return self._session.scalar(select(func.count()).select_from(found.limit(most).subquery())) or 0

    def _plain(self, clause: ColumnElement[bool]) -> Part:
        """A filter on the contact itself that one of its indexes finds."""
        return Part(clause, select(Contact.contact_id).where(*self.shown, clause), is_exact=True)

    # what the parameters of a list ask ----------------------------------------------------------------------------------

    def _of_contacts(self) -> Iterator[Part]:
        asked = self._question
        if asked.stages:
            yield self._plain(Contact.lifecycle_stage.in_(asked.stages))
        if asked.sources:
            yield self._plain(Contact.source.in_(asked.sources))
        if asked.owners:
            named = [owner for owner in asked.owners if owner != NOBODY]
            owned: list[ColumnElement[bool]] = [Contact.owner_user_id.in_(named)] if named else []
            nobody = [Contact.owner_user_id.is_(None)] if NOBODY in asked.owners else []
            yield self._plain(or_(*owned, *nobody))
        if asked.import_id:
            yield self._plain(Contact.import_id == asked.import_id)
        if asked.has_email is not None:
            yield self._plain(Contact.email.is_not(None) if asked.has_email else Contact.email.is_(None))
        if asked.created_after:
            yield self._plain(Contact.created_at >= asked.created_after)
        if asked.is_worked is not None:
            touched = exists().where(
                Activity.organization_id == self._organization_id,
                Activity.contact_id == Contact.contact_id,
                Activity.kind.in_(sorted(TOUCHES)),
                Activity.actor_kind == "human",
            )
            yield Part(touched if asked.is_worked else ~touched)

    def _of_scores(self) -> Iterator[Part]:
        asked = self._question
        named = [band for band in asked.bands if band != WITHOUT]
        if WITHOUT in asked.bands:
            banded = self._beside(self._scores, Score.band.in_(named))
            yield Part(or_(~self._beside(self._scores, Score.score.is_not(None)), banded))
        elif named:
            yield self._met(self._scores, Condition("band", Op.IN, tuple(named)), OF_SCORES["band"])
        if asked.min_score is not None:
            yield self._met(self._scores, Condition("score", Op.GTE, (asked.min_score,)), OF_SCORES["score"])
        if asked.max_score is not None:
            yield self._met(self._scores, Condition("score", Op.LTE, (asked.max_score,)), OF_SCORES["score"])

    def _of_words(self) -> Iterator[Part]:
        if self.words is not None:
            met_by = None if self.words.is_frequent else select(ContactWords.contact_id).where(self.words.found)
            holds = self.words.holds(Contact.contact_id, ContactWords.contact_id)
            yield Part(holds, met_by, is_exact=True, group=WORDS)

    # what the grammar asks ------------------------------------------------------------------------------------------------

    def _of_conditions(self) -> Iterator[Part]:
        fields = {**types_of(PLAIN), **types_of(OF_SCORES), TAG: FieldType.TEXT, **custom_types(self._definitions)}
        texts = [f"{PREFIX}{key}:{Op.EQ}:{self._said(key, value)}" for key, value in self._question.attributes.items()]
        for number, condition in enumerate(parse_filters([*texts, *self._question.filters], fields)):
            if condition.field == TAG:
                yield self._of_tags(condition, f"{TAG}:{number}")
            elif condition.field in PLAIN:
                met = clause(condition, PLAIN[condition.field])
                is_found = condition.field in INDEXED and condition.op in NARROWING
                yield self._plain(met) if is_found else Part(met)
            elif condition.field in OF_SCORES:
                yield self._met(self._scores, condition, OF_SCORES[condition.field])
            else:
                yield self._of_custom(condition)

    def _said(self, key: str, value: str) -> str:
        """A value of `attribute=key:value` as the grammar writes it, where people also say yes and no."""
        found = self._definitions.get(key)
        is_truth = found is not None and found.data_type == DataType.BOOLEAN
        return (
            {"yes": "true", "1": "true", "no": "false", "0": "false"}.get(value.casefold(), value)
            if is_truth
            else value
        )

    def _of_tags(self, condition: Condition, group: str) -> Part:
        """Each condition on tags is a group of its own: another one is met by another row."""
        tag_ids = Tags(self._work).met_by(condition)
        own, named = ContactTag.organization_id == self._organization_id, ContactTag.tag_id.in_(tag_ids)
        theirs = ContactTag.contact_id == Contact.contact_id
        met = select(ContactTag.contact_id).where(theirs, own, named).correlate(Contact).exists()
        if condition.op in OF_THE_ABSENT:
            return Part(~met)
        met_by = select(ContactTag.contact_id).where(own, named)
        return Part(met, met_by, group=group, there=named, repeats=len(tag_ids) > 1)

    def _of_custom(self, condition: Condition) -> Part:
        data_type = DataType(self._definitions[condition.field.removeprefix(PREFIX)].data_type)
        column = ContactValue.text_value if data_type.is_text else ContactValue.number_value
        kept = ListField(FieldType.TEXT if data_type.is_text else FieldType.NUMBER, column)
        as_text = condition.op in {Op.CONTAINS, Op.STARTS}
        values = tuple(folded(value) if as_text else indexed_value(data_type, value) for value in condition.values)
        return self._met(self._values(condition.field), Condition(condition.field, condition.op, values), kept)

    # rows beside the contact ----------------------------------------------------------------------------------------------

    @property
    def _scores(self) -> Beside:
        return Beside(SCORE, Score, (Score.organization_id == self._organization_id,))

    def _values(self, name: str) -> Beside:
        key = name.removeprefix(PREFIX)
        own = (ContactValue.organization_id == self._organization_id, ContactValue.key == key)
        return Beside(name, ContactValue, own)

    def _met(self, beside: Beside, condition: Condition, kept: ListField) -> Part:
        """A filter on a row beside the contact; what holds for the absent is that no row says the contrary."""
        if condition.op in OF_THE_ABSENT:
            contrary = Condition(condition.field, _CONTRARY[condition.op], condition.values)
            return Part(~self._beside(beside, _compared(contrary, kept)))
        met = _compared(condition, kept)
        met_by = select(beside.table.contact_id).where(*beside.own, met)
        is_exact = beside.table is ContactValue

        def of(contact_id: ColumnElement[str]) -> ColumnElement[bool]:
            theirs = select(beside.table.contact_id).where(beside.table.contact_id == contact_id, *beside.own, met)
            return theirs.correlate(contact_id.table).exists()

        return Part(self._beside(beside, met), met_by, is_exact=is_exact, group=beside.group, there=met, of=of)

    @staticmethod
    def _beside(beside: Beside, met: ColumnElement[bool]) -> ColumnElement[bool]:
        theirs = beside.table.contact_id == Contact.contact_id
        return select(beside.table.contact_id).where(theirs, *beside.own, met).correlate(Contact).exists()


@dataclass(frozen=True, slots=True)
class Beside:
    """Rows that contacts have at most one of: their scores, or their values of one custom field."""

    group: str
    table: type[Score | ContactValue]
    own: tuple[ColumnElement[bool], ...]


def custom_types(definitions: Mapping[str, AttributeDefinition]) -> dict[str, FieldType]:
    """The custom fields that lists can be filtered and sorted by, as fields of the grammar."""
    return {
        PREFIX + key: DataType(found.data_type).field_type
        for key, found in definitions.items()
        if found.is_filterable and found.archived_at is None
    }


def _compared(condition: Condition, kept: ListField) -> ColumnElement[bool]:
    """As `clause`, of a column that is empty only where it has no value. A beginning is a range, which an index has."""
    if condition.op is Op.FILLED:
        return kept.column.is_not(None)
    if condition.op is Op.STARTS and kept.column is ContactValue.text_value:
        return and_(kept.column >= condition.value, kept.column < condition.value + _LAST)
    if condition.op is Op.CONTAINS and kept.column is ContactValue.text_value:
        return kept.column.contains(condition.value, autoescape=True)
    return clause(condition, kept)
