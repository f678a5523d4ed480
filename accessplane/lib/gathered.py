"""Rows with what belongs to them, written by the database as one JSON text.

A page of requests with their people, grants and reviews is one statement that way, and one
reading of a text: nothing has to be a model, or a tuple, before it is what is shown.
"""

from typing import Any

from django.db.models import (
    DateTimeField,
    DurationField,
    Expression,
    Field,
    FloatField,
    Func,
    JSONField,
    QuerySet,
    Subquery,
    TextField,
)
from django.db.models.functions import Cast, JSONArray

Column = str | Expression | Subquery


def together(*columns: Column) -> JSONArray:
    """These columns as one list."""
    return JSONArray(*(_Value(column) for column in columns))


def gathered(rows: "QuerySet[Any, Any]", *columns: Column) -> Subquery:
    """A column with these columns of all `rows`, which refer to the row outside, as lists."""
    return Subquery(rows.order_by().values(gathered=_List(together(*columns))))


def as_text(rows: "QuerySet[Any, Any]", *columns: Column) -> "QuerySet[Any, Any]":
    """A query for one text: the JSON of a list with a list of these columns for each row.

    The rows come in no order. Times have their zone, lengths are seconds, and a truth value is
    0 or 1 on SQLite.
    """
    return rows.order_by().values_list(Cast(_List(together(*columns)), TextField()))


class _Value(Func):
    """A column as JSON has it, where a database does not see to that by itself."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps JSON, and times in UTC, as texts, and lengths as microseconds."""
        return self._as(
            {
                JSONField: "JSON(%(expressions)s)",
                DateTimeField: "%(expressions)s || '+00:00'",
                DurationField: "%(expressions)s / 1000000.0",
            },
            compiler,
            connection,
            **context,
        )

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """PostgreSQL would write a length in days and hours."""
        seconds = {DurationField: "EXTRACT(EPOCH FROM %(expressions)s)"}
        return self._as(seconds, compiler, connection, **context)

    def _as(self, templates: Any, compiler: Any, connection: Any, **context: Any) -> Any:
        template = templates.get(type(self._source()), self.template)
        return self.as_sql(compiler, connection, template=template, **context)

    def _resolve_output_field(self) -> "Field[Any, Any]":
        field = self._source()
        return FloatField() if isinstance(field, DurationField) else field

    def _source(self) -> "Field[Any, Any]":
        (source,) = self.get_source_expressions()
        field: Field[Any, Any] = source.output_field
        return field


class _List(Func):
    template = "JSON_GROUP_ARRAY(%(expressions)s)"
    output_field = JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "COALESCE(JSONB_AGG(%(expressions)s), '[]')"
        return self.as_sql(compiler, connection, template=template, **context)
