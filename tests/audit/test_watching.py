"""The one who watches for all readers, at work in this process on a database of many connections."""

import asyncio
import time
from contextlib import ExitStack
from dataclasses import replace
from itertools import chain

import pytest
from django.db import connection
from django.http import HttpResponse
from django.utils import timezone

from audit import feeds, selectors, services, visibility, watching
from audit.api import answers
from audit.readers import End, Ended
from audit.selectors import Search
from identity.credentials import Credential
from tests.cast import apply, person, role
from tests.factories.identity import TokenFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

PATIENCE = 10


@pytest.fixture
def watcher(monkeypatch):
    """A watcher whose thread leaves no connection behind."""
    monkeypatch.setattr(watching, "LINGER", 0.01)
    watcher = watching.Watcher(clock=timezone.now, look_every=0.02)
    yield watcher
    watcher.is_stopping = lambda: True
    watcher.wake()
    time.sleep(0.3)


@pytest.fixture
def reader_of(watcher):
    """Opens readers, which are closed when the test is over."""
    with ExitStack() as stack:

        def open_one(user, *, most=100, **search):
            reader = watcher.open(
                user=user,
                credential=Credential(token=TokenFactory(user=user).pk),
                search=Search(**search),
                most=most,
            )
            stack.callback(reader.close)
            return reader

        yield open_one


@pytest.fixture
def end_of_log(ledger):
    return ledger(10)


def read(reader, count):
    """The sequences of the next so many batches."""

    async def several():
        return [await reader.next(PATIENCE) for _ in range(count)]

    batches = asyncio.run(several())
    return [[news.sequence for news in batch.news] for batch in batches]


def sign_in_all(sign_in, *users):
    for user in users:
        sign_in(user)
    services.drain(at=timezone.now())


def test_a_reader_reads_on_from_his_position(reader_of, auditor, bob, sign_in, end_of_log):
    reader = reader_of(auditor, after=end_of_log - 2)

    assert read(reader, 1) == [[end_of_log - 1, end_of_log]]
    assert reader.position == end_of_log
    sign_in_all(sign_in, bob)
    assert read(reader, 1) == [[end_of_log + 1]]


def test_what_is_not_for_a_reader_is_passed_in_silence(
    reader_of, mallory, bob, sign_in, end_of_log
):
    reader = reader_of(mallory, after=end_of_log)

    async def wait_for_own():
        waiting = asyncio.ensure_future(reader.next(PATIENCE))
        await asyncio.to_thread(elsewhere, sign_in_all, sign_in, *[bob] * 150)
        assert await reader_is_at(reader, end_of_log + 150)
        assert not waiting.done()
        await asyncio.to_thread(elsewhere, sign_in_all, sign_in, mallory)
        return await waiting

    batch = asyncio.run(wait_for_own())

    assert [news.sequence for news in batch.news] == [end_of_log + 151]


async def reader_is_at(reader, position):
    async with asyncio.timeout(PATIENCE):
        while reader.position < position:  # noqa: ASYNC110 - a thread moves it
            await asyncio.sleep(0.01)
    return True


def elsewhere(function, *arguments):
    try:
        return function(*arguments)
    finally:
        connection.close()


@pytest.mark.parametrize("preloaded", [1, 200], ids=["from pages", "from memory"])
def test_one_batch_is_what_a_connection_takes_at_once(
    reader_of, auditor, bob, sign_in, end_of_log, monkeypatch, preloaded
):
    """Both for those who are near and those who are far behind, and nothing gets lost."""
    monkeypatch.setattr(watching, "PRELOADED", preloaded)
    monkeypatch.setattr(watching, "MOST_AT_ONCE", 4)
    monkeypatch.setattr(watching, "MOST_BYTES_AT_ONCE", 1200)
    reader = reader_of(auditor, after=end_of_log - 8)

    batches = []
    while reader.position < end_of_log:
        batches += read(reader, 1)

    assert {len(batch) for batch in batches} <= {1, 2, 3}
    assert list(chain(*batches)) == list(range(end_of_log - 7, end_of_log + 1))


def test_what_is_too_large_for_one_batch_is_one(reader_of, auditor, end_of_log):
    apply(*[role(f"heavy-{n}", options={"request_prompt": "x" * 100_000}) for n in (1, 2)])
    services.drain(at=timezone.now())

    assert read(reader_of(auditor, after=end_of_log), 2) == [[end_of_log + 1], [end_of_log + 2]]


def test_rights_are_looked_at_when_the_reader_asks(
    reader_of, auditor, bob, sign_in, end_of_log
):
    """Not when the event happens: a slow reader does not get what he might have seen."""
    reader = reader_of(auditor, after=end_of_log)
    sign_in_all(sign_in, bob)
    apply(person("auditor", roles=[]))
    sign_in_all(sign_in, bob, auditor)

    batch = asyncio.run(reader.next(PATIENCE))

    assert {news.about for news in batch.news} == {auditor.about}


def test_a_reader_whose_credential_ends_hears_so_and_nothing_else(
    reader_of, auditor, bob, sign_in, end_of_log
):
    reader = reader_of(auditor, after=end_of_log)
    auditor.tokens.update(revoked_at=timezone.now())
    sign_in_all(sign_in, bob)

    for _ in range(2):
        with pytest.raises(Ended) as ended:
            asyncio.run(reader.next(PATIENCE))
        assert ended.value.end is End.SIGNED_OUT


def test_everybody_ends_when_the_process_stops(watcher, reader_of, auditor, bob, end_of_log):
    readers = [reader_of(who, after=end_of_log) for who in (auditor, bob)]
    watcher.is_stopping = lambda: True

    for reader in readers:
        with pytest.raises(Ended) as ended:
            asyncio.run(reader.next(PATIENCE))
        assert ended.value.end is End.STOPPING


def test_one_has_so_many_readers(reader_of, auditor, bob, end_of_log):
    first = reader_of(auditor, most=2)
    reader_of(auditor, most=2)

    with pytest.raises(watching.TooManyReaders):
        reader_of(auditor, most=2)
    reader_of(bob, most=2)
    first.close()
    reader_of(auditor, most=2)


def test_a_hundred_readers_of_one_person_cost_what_one_does(
    watcher, reader_of, auditor, bob, sign_in, end_of_log, monkeypatch
):
    looked = []
    people = visibility.people()
    monkeypatch.setattr(
        visibility,
        "_people",
        [
            visibility.People(
                viewer_of=lambda user, at: looked.append(user) or people.viewer_of(user, at),
                sees_everything=people.sees_everything,
                credential_of=people.credential_of,
                users_of=people.users_of,
            )
        ],
    )
    monkeypatch.setattr(watching, "GATHER", 0.3)
    readers = [reader_of(auditor, after=end_of_log) for _ in range(50)]
    readers += [reader_of(bob, after=end_of_log) for _ in range(50)]

    async def hear():
        waiting = [asyncio.ensure_future(reader.next(PATIENCE)) for reader in readers]
        await asyncio.to_thread(elsewhere, sign_in_all, sign_in, bob)
        return [len(batch.news) for batch in await asyncio.gather(*waiting)]

    assert asyncio.run(hear()) == [1] * 100
    assert sorted(user.email for user in looked) == [auditor.email, bob.email]


def test_who_cannot_be_answered_ends_alone(
    reader_of, auditor, bob, sign_in, end_of_log, monkeypatch, caplog
):
    def broken(_ids, _at):
        raise LookupError("a bug")

    sight = visibility._sights["user"]
    monkeypatch.setitem(visibility._sights, "user", replace(sight, among=broken))
    readers = reader_of(auditor, after=end_of_log), reader_of(bob, after=end_of_log)
    sign_in_all(sign_in, bob)

    assert read(readers[0], 1) == [[end_of_log + 1]]
    with pytest.raises(Ended) as ended:
        asyncio.run(readers[1].next(PATIENCE))
    assert ended.value.end is End.BROKEN
    assert "a bug" in caplog.text


# --- at the doors -------------------------------------------------------------------------------


def test_a_stream_asks_only_when_its_connection_has_room(
    reader_of, auditor, end_of_log, monkeypatch
):
    """An empty part comes before each batch: the server takes it when it can send."""
    monkeypatch.setattr(answers, "HEARTBEAT", 0.05)
    reader = reader_of(auditor, after=end_of_log - 1)
    frames = answers.Frames(reader, lambda: HttpResponse(b"{}"))

    async def take(count):
        parts = aiter(frames)
        return [await anext(parts) for _ in range(count)]

    beginning, room, batch, room_again, silence = asyncio.run(take(5))

    assert (beginning, room, room_again) == (b"retry: 2000\n\n", b"", b"")
    assert batch.startswith(b"id: %d\ndata: {" % end_of_log)
    assert silence == b": still here\n\n"


def test_a_socket_that_is_blocked_is_asked_for_again(
    reader_of, auditor, end_of_log, monkeypatch
):
    """What was decided a while ago is not sent; it is decided anew, and nothing is lost."""
    monkeypatch.setattr(feeds, "FRESH", 0.05)
    reader = reader_of(auditor, after=end_of_log - 3)
    sent, blocked = [], [True]

    async def talk():
        incoming = asyncio.Queue()
        done = asyncio.Event()

        async def send(message):
            if message.get("text") and len(sent) == 2 and blocked:
                blocked.pop()
                await asyncio.sleep(PATIENCE)
            sent.append(message)
            if len(sent) == 4:
                done.set()

        await incoming.put({"type": "websocket.connect"})
        application = feeds.EventFeed.as_asgi(reader=reader)
        speaking = asyncio.ensure_future(application({"type": "websocket"}, incoming.get, send))
        await asyncio.wait_for(done.wait(), PATIENCE)
        await incoming.put({"type": "websocket.disconnect", "code": 1000})
        await speaking

    asyncio.run(talk())

    assert blocked == []
    numbers = [message["text"].split(",")[0] for message in sent[1:]]
    assert numbers == [f'{{"sequence":{end_of_log - 3 + n}' for n in (1, 2, 3)]
    assert selectors.head_sequence() == end_of_log
