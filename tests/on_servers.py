"""Run the suite on real servers: PostgreSQL for the data, Redis for what asks for it.

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
    database = postgres_url()
    if database is None:
        return left_out(
            "PostgreSQL is not there, or does not let us create databases: set DATABASE_URL. "
            "Left out: the suite's second run, and with it these tests.",
            marker="postgres",
        )
    environment = os.environ | {"DATABASE_URL": database}
    cache = redis_url()
    if cache:
        environment["REDIS_URL"] = cache
    else:
        code = left_out("Redis is not there: set REDIS_URL. Left out:", marker="redis")
        if code:
            return code
    say("The whole suite on PostgreSQL" + (" and Redis:" if cache else ":"))
    command = [*PYTEST, *arguments]
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


def left_out(why: str, *, marker: str) -> int:
    """Say what does not run. That is fine for a developer and a failure in CI."""
    say(why)
    for test in tests_marked(marker):
        say(f"    {test}")
    return 1 if IS_CI else 0


def tests_marked(marker: str) -> Iterator[str]:
    """The ids of the tests with a marker."""
    collect = [*PYTEST, "--collect-only", "-q", "-p", "no:randomly", "-m", marker]
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
