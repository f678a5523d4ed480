"""What belongs to a row, read with it: rows of another table as a list in one column.

A page of requests with their grants and reviews is one statement that way, and the lists need
no objects of their own.
"""

from typing import Any

from django.db.models import DateTimeField, Func, JSONField, QuerySet, Subquery, TextField
from django.db.models.functions import JSONArray


def gathered(rows: "QuerySet[Any, Any]", *columns: str) -> Subquery:
    """These columns of all `rows`, which refer to the row outside: the text of a JSON list.

    It holds a list for each row, in no order. Times in it have their zone.
    """
    values = [_Value(column) for column in columns]
    return Subquery(rows.order_by().values(gathered=_List(JSONArray(*values))))


class _Value(Func):
    """A column as JSON has it, where a database does not see to that by itself."""

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite keeps JSON, and times in UTC, as texts."""
        template = self.template
        if isinstance(self.output_field, JSONField):
            template = "JSON(%(expressions)s)"
        elif isinstance(self.output_field, DateTimeField):
            template = "%(expressions)s || '+00:00'"
        return self.as_sql(compiler, connection, template=template, **context)


class _List(Func):
    template = "JSON_GROUP_ARRAY(%(expressions)s)"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "COALESCE(JSONB_AGG(%(expressions)s), '[]')::text"
        return self.as_sql(compiler, connection, template=template, **context)
