"""New rows, by a statement that is written once for each model.

Building an INSERT takes Django several times as long as the database takes to run it.
"""

from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models import AutoField, Field, Model
from django.db.models.sql import InsertQuery


def insert(*rows: Model) -> None:
    """Store new rows of one model, in this order (one statement, none for no rows).

    Several rows need the caller's transaction, or some of them could stay behind alone. As `bulk_create` does, without signals; a number that the database gives is not read back.
    """
    if not rows:
        return
    connection: Any = connections[DEFAULT_DB_ALIAS]
    statement, fields = _insertion(type(rows[0]))
    values = [
        [
            field.get_db_prep_save(getattr(row, field.attname), connection=connection)
            for field in fields
        ]
        for row in rows
    ]
    with transaction.mark_for_rollback_on_error(), connection.cursor() as cursor:
        if len(values) == 1:
            cursor.execute(statement, values[0])
        else:
            cursor.executemany(statement, values)
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


@cache
def _insertion(model: type[Model]) -> "tuple[str, list[Field[Any, Any]]]":
    """The statement for one row, and the fields whose values it takes."""
    fields = [f for f in model._meta.concrete_fields if not isinstance(f, AutoField)]
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=True)
    ((statement, _),) = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return statement, fields
