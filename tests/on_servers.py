"""Run the suite on real servers: PostgreSQL for the data, Redis for what asks for it.

What starts planes of its own on SQLite, or a browser, is left to the first run: here it would be
the same again.

`DATABASE_URL` and `REDIS_URL` name them; without, those of this machine are tried. Where one is
missing this says what is left out, and with `CI=true` it fails.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg
import redis

LOCAL_POSTGRES = (
    "postgres:///postgres",
    "postgres://postgres:postgres@127.0.0.1:5432/postgres",
)
LOCAL_REDIS = "redis://127.0.0.1:6379/9"
PYTEST = (sys.executable, "-m", "pytest")
IS_CI = os.environ.get("CI") == "true"


def main(arguments: list[str]) -> int:
    """The exit code of pytest, or of the decision not to run it."""
    database, cache = postgres_url(), redis_url()
    if database is None:
        say(
            "PostgreSQL is not there, or does not let us create databases: set DATABASE_URL. "
            "Left out: the suite's second run, and with it these tests."
        )
        for test in tests_of_postgres():
            say(f"    {test}")
    elif cache is None:
        say("Redis is not there: set REDIS_URL. What needs it is skipped and named at the end.")
    if IS_CI and not (database and cache):
        return 1
    if database is None:
        return 0
    say("The whole suite on PostgreSQL" + (" and Redis:" if cache else ":"))
    environment = (
        os.environ | {"DATABASE_URL": database} | ({"REDIS_URL": cache} if cache else {})
    )
    command = [*PYTEST, "-rfEs", "-m", "not embedded", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


def postgres_url() -> str | None:
    """The first server on which test databases can be created."""
    chosen = os.environ.get("DATABASE_URL")
    if chosen:
        return chosen if may_create(with_database(chosen, "postgres")) else None
    for url in LOCAL_POSTGRES:
        if may_create(url):
            return with_database(url, f"accessplane_{os.getpid()}")
    return None


def with_database(url: str, name: str) -> str:
    """The same server, another database."""
    return f"{url.partition('?')[0].rpartition('/')[0]}/{name}"


def may_create(url: str) -> bool:
    """Whether the server answers and the role may create databases."""
    question = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(question).fetchone()
    except psycopg.Error as refusal:
        say(f"{urlsplit(url).hostname or 'The local socket'}: {refusal}".strip())
        return False
    return bool(row and row[0])


def redis_url() -> str | None:
    """The Redis to use, if it answers."""
    url = os.environ.get("REDIS_URL", LOCAL_REDIS)
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5) as server:
            server.ping()
    except redis.RedisError as refusal:
        say(str(refusal))
        return None
    return url


def tests_of_postgres() -> Iterator[str]:
    """The ids of the tests that need PostgreSQL."""
    collect = [*PYTEST, "--collect-only", "-q", "-p", "no:randomly", "-m", "postgres"]
    listing = subprocess.run(  # noqa: S603
        collect, capture_output=True, text=True, check=False
    )
    return (line for line in listing.stdout.splitlines() if "::" in line)


def say(line: str) -> None:
    """A line for whoever watches."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
