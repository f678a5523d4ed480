"""Queries of one shape, compiled once and run with other values.

Building and compiling a queryset costs ten times what the database takes to answer it. For the
few reads that every call makes, the queryset is built once with slots for the values.
"""

from collections.abc import Callable, Sequence
from itertools import chain
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.transaction import TransactionManagementError


class Slot(Expression):
    """The place of a value in a prepared query; its field says how the database takes it.

    `index` is the value's place among several that one name stands for.
    """

    def __init__(self, name: str, field: "Field[Any, Any]", index: int | None = None) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.index = index

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list["Slot"]]:  # type: ignore[override]
        """A parameter, filled in by each run."""
        return "%s", [self]

    def filled(self, values: dict[str, Any], connection: Any) -> Any:
        """The value that belongs here, as the database takes it."""
        value = values[self.name]
        if self.index is not None:
            value = value[min(self.index, len(value) - 1)]
        return self.output_field.get_db_prep_value(value, connection)


class Prepared:
    """A query made by `build(name=Slot, ...)`, whose shape never changes.

    A name whose field stands in a list, `ids=[UUIDField()]`, is for several values, at least
    one: `build` gets a list of slots for an `__in`. There are as many as the next power of two,
    so that there are few shapes, and the last value fills those that are left.
    """

    def __init__(
        self,
        build: Callable[..., "QuerySet[Any, Any]"],
        **fields: "Field[Any, Any] | list[Field[Any, Any]]",
    ) -> None:
        self._build = build
        self._fields = fields
        self._several = [name for name, field in fields.items() if isinstance(field, list)]
        self._compiled: dict[tuple[int, ...], _Compiled] = {}

    def rows(self, **values: Any) -> list[Any]:
        """The rows of a `values_list`, as the queryset would give them with these values."""
        return self._shape(values).rows(values)

    def objects(self, **values: Any) -> list[Any]:
        """The objects, with what is selected beside them, that the queryset would give."""
        return self._shape(values).objects(values)

    def _shape(self, values: dict[str, Any]) -> "_Compiled":
        sizes = tuple(_room_for(values[name]) for name in self._several)
        return self._compiled.get(sizes) or self._compile(sizes)

    def _compile(self, sizes: tuple[int, ...]) -> "_Compiled":
        sized = dict(zip(self._several, sizes, strict=True))
        slots = {
            name: [Slot(name, field[0], index) for index in range(sized[name])]
            if isinstance(field, list)
            else Slot(name, field)
            for name, field in self._fields.items()
        }
        self._compiled[sizes] = compiled = _Compiled(self._build(**slots))
        return compiled


class _Compiled:
    """The statement of a queryset, and how its rows become Python's."""

    def __init__(self, queryset: "QuerySet[Any, Any]") -> None:
        connection = connections[DEFAULT_DB_ALIAS]
        compiler: Any = queryset.query.get_compiler(connection=connection)
        self._sql, self._parameters = compiler.as_sql()
        self._locks = queryset.query.select_for_update
        expressions = chain(column for column, _, _ in compiler.select)
        self._converters = list(compiler.get_converters(expressions).items())
        self._reader = _Reader(compiler) if compiler.klass_info else None

    def rows(self, values: dict[str, Any]) -> list[Any]:
        connection: Any = connections[DEFAULT_DB_ALIAS]
        if self._locks and not connection.in_atomic_block:
            raise TransactionManagementError("Rows are locked within a transaction.")
        given = [
            part.filled(values, connection) if isinstance(part, Slot) else part
            for part in self._parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, given)
            rows = cursor.fetchall()
        return self._converted(rows, connection) if self._converters else list(rows)

    def objects(self, values: dict[str, Any]) -> list[Any]:
        reader = cast("_Reader", self._reader)
        return [reader.object_of(row) for row in self.rows(values)]

    def _converted(self, rows: Any, connection: Any) -> list[Any]:
        """The rows with the values that need it made into Python's, as Django's compiler does."""
        converted = []
        for row in map(list, rows):
            for position, (functions, expression) in self._converters:
                for function in functions:
                    row[position] = function(row[position], expression, connection)
            converted.append(tuple(row))
        return converted


class _Reader:
    """Makes rows into objects, with related ones and annotations, as a queryset does."""

    def __init__(self, compiler: Any) -> None:
        fields = compiler.klass_info["select_fields"]
        self._model: type[Model] = compiler.klass_info["model"]
        self._own = slice(fields[0], fields[-1] + 1)
        self._names = [column.target.attname for column, _, _ in compiler.select[self._own]]
        self._annotated: Sequence[tuple[str, int]] = list(compiler.annotation_col_map.items())
        populators: Any = get_related_populators
        self._related = populators(compiler.klass_info, compiler.select, DEFAULT_DB_ALIAS)

    def object_of(self, row: Sequence[Any]) -> Model:
        found = self._model.from_db(DEFAULT_DB_ALIAS, self._names, row[self._own])
        for related in self._related:
            related.populate(row, found)
        for name, position in self._annotated:
            setattr(found, name, row[position])
        return found


def _room_for(values: Sequence[Any]) -> int:
    """The number of slots for so many values."""
    if not values:
        raise ValueError("A prepared query is asked for one value at least.")
    return 1 << (len(values) - 1).bit_length()
