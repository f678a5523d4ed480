"""Queries of one shape, compiled once and run with other values.

Building and compiling a queryset costs ten times what the database takes to answer it. For the
few reads that every call makes, the queryset is built once with slots for the values.
"""

from collections.abc import Callable
from itertools import chain
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet


class Slot(Expression):
    """The place of a value in a prepared query; its field says how the database takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list["Slot"]]:  # type: ignore[override]
        """A parameter, filled in by each run."""
        return "%s", [self]


class Prepared:
    """A query made by `build(name=Slot, ...)`: a `values_list` whose shape never changes."""

    def __init__(
        self, build: Callable[..., "QuerySet[Any, Any]"], **fields: "Field[Any, Any]"
    ) -> None:
        self._build = build
        self._fields = fields
        self._compiled: tuple[str, list[Any], dict[int, Any]] | None = None

    def rows(self, **values: Any) -> list[Any]:
        """The rows, as the queryset would give them with these values in its slots."""
        connection = connections[DEFAULT_DB_ALIAS]
        sql, parameters, converters = self._compiled or self._compile(connection)
        given = [
            part.output_field.get_db_prep_value(values[part.name], connection)
            if isinstance(part, Slot)
            else part
            for part in parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(sql, given)
            rows = cursor.fetchall()
        return list(_converted(rows, converters, connection))

    def _compile(self, connection: Any) -> tuple[str, list[Any], dict[int, Any]]:
        slots = {name: Slot(name, field) for name, field in self._fields.items()}
        compiler: Any = self._build(**slots).query.get_compiler(connection=connection)
        sql, parameters = compiler.as_sql()
        columns = [column for column, _, _ in compiler.select]
        self._compiled = sql, list(parameters), compiler.get_converters(chain(columns))
        return self._compiled


def _converted(rows: Any, converters: dict[int, Any], connection: Any) -> Any:
    """The rows with the values that need it made into Python's, as Django's compiler does."""
    if not converters:
        return rows
    steps = list(converters.items())
    converted = []
    for row in map(list, rows):
        for position, (functions, expression) in steps:
            for function in functions:
                row[position] = function(row[position], expression, connection)
        converted.append(tuple(row))
    return converted
