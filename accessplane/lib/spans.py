"""Lengths between moments, computed by the database: alike on SQLite and PostgreSQL."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Expression, F, FloatField, Func, IntegerField, Value
from django.db.models.functions import Cast, Ceil, Floor


class Seconds(Func):
    """How many seconds lie between two moments, to the millisecond: `Seconds(start, end)`."""

    output_field = FloatField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        """SQLite keeps moments as texts in UTC."""
        (start, first), (end, second) = map(compiler.compile, self.get_source_expressions())
        sql = f"ROUND((JULIANDAY({end}) - JULIANDAY({start})) * 86400.0, 3)"
        return sql, (*second, *first)

    def as_postgresql(self, compiler: Any, connection: Any, **extra_context: Any) -> Any:
        """PostgreSQL subtracts moments."""
        (start, first), (end, second) = map(compiler.compile, self.get_source_expressions())
        sql = f"ROUND(EXTRACT(EPOCH FROM ({end} - {start}))::numeric, 3)::double precision"
        return sql, (*second, *first)


def span_of(moment: str | Expression, *, begin: datetime, step: timedelta) -> Cast:
    """In which span after `begin` the moment lies: 0 for the first `step`, and so on."""
    return Cast(Floor(_steps(moment, begin, step)), IntegerField())


def mark_after(moment: str | Expression, *, begin: datetime, step: timedelta) -> Cast:
    """The first of the marks `begin`, `begin + step`, ... that is not before the moment."""
    return Cast(Ceil(_steps(moment, begin, step)), IntegerField())


def _steps(moment: str | Expression, begin: datetime, step: timedelta) -> Expression:
    start = Value(begin, output_field=DateTimeField())
    of = F(moment) if isinstance(moment, str) else moment
    steps: Expression = Seconds(start, of) / Value(step.total_seconds())
    return steps
