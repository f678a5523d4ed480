"""Rows written by statements that are compiled once for each model.

Building an INSERT or an UPDATE takes Django several times as long as the database takes to run
it. Nothing here sends signals (ADR 0006).
"""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.models import AutoField, Field, Model
from django.db.models.sql import InsertQuery

Fields = tuple["Field[Any, Any]", ...]


def insert(*rows: Model) -> None:
    """Store new rows of one model, in this order (one statement, none for no rows).

    Several rows need the caller's transaction, or some of them could stay behind alone. A
    number that the database gives is not read back.
    """
    if not rows:
        return
    statement, fields = _insertion(type(rows[0]))
    values = [_values(row, fields) for row in rows]
    with transaction.mark_for_rollback_on_error(), _connection().cursor() as cursor:
        if len(values) == 1:
            cursor.execute(statement, values[0])
        else:
            cursor.executemany(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def update(row: Model, *names: str) -> None:
    """Store the present values of these fields; `DatabaseError` if the row is gone."""
    statement, fields = _change(type(row), names)
    with transaction.mark_for_rollback_on_error(), _connection().cursor() as cursor:
        cursor.execute(statement, _values(row, fields))
        if not cursor.rowcount:
            raise DatabaseError("The row that was to change is gone.")


def _values(row: Model, fields: Fields) -> list[Any]:
    connection = _connection()
    return [
        field.get_db_prep_save(getattr(row, field.attname), connection=connection)
        for field in fields
    ]


@cache
def _insertion(model: type[Model]) -> tuple[str, Fields]:
    """The statement for one row, and the fields whose values it takes."""
    fields = tuple(f for f in model._meta.concrete_fields if not isinstance(f, AutoField))
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    ((statement, _),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return statement, fields


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[str, Fields]:
    """The statement that changes these fields of one row, and the fields that it takes."""
    quoted = _connection().ops.quote_name
    meta: Any = model._meta
    fields = [meta.get_field(name) for name in names]
    changes = ", ".join(f"{quoted(field.column)} = %s" for field in fields)
    table, key = quoted(meta.db_table), quoted(meta.pk.column)
    return f"UPDATE {table} SET {changes} WHERE {key} = %s", (*fields, meta.pk)  # noqa: S608


def _connection() -> Any:
    return connections[DEFAULT_DB_ALIAS]
