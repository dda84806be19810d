"""Live pages: two hundred open streams cost no thread, and a change reaches those who listen to it, nobody else."""
import asyncio
import json
import socket
import threading
import time

import pytest
import uvicorn

from engine.api import announce
from engine.db import db, unit_of_work
from tests.builders import build_account, build_staff
from webapp.asgi import create_asgi_app
from webapp.identity.sessions import open_session
from webapp.live import hub as hub_module
from webapp.live.outbox_reader import OutboxReader
from webapp.server import Server

STREAMS = 200


@pytest.fixture
def served(bare_app, clock):
    """(address, sessions by account, the server): a real server in a thread."""
    with bare_app.app_context():
        build_account("zhang")
        build_account("wang")
        build_staff("officer", "officer", department="zrzy")
        tokens = {
            account: unit_of_work(lambda account=account: open_session(account, ip="::1", at=clock.now()))
            for account in ("public:zhang", "public:wang", "staff:officer")
        }
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    asgi = create_asgi_app(bare_app)
    server = Server(
        uvicorn.Config(asgi, log_level="error", timeout_graceful_shutdown=5), asgi, ready=lambda: None
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    server.thread = thread
    yield listener.getsockname(), tokens, server
    server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()


async def get(address, path, token=None, **headers):
    """(status, reader, writer) of a GET whose body is still to come."""
    reader, writer = await asyncio.open_connection(*address)
    lines = [f"GET {path} HTTP/1.1", "Host: test", "Sec-Fetch-Dest: empty"]
    lines += [f"Cookie: sid={token}"] if token else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode())
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    return int(head.split()[1]), reader, writer


async def heard(reader, seconds):
    """The changes a stream tells within some seconds."""
    text, end = b"", time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            text += await asyncio.wait_for(reader.read(65536), left)
        except TimeoutError:
            break
    return [json.loads(line[6:]) for line in text.splitlines() if line.startswith(b"data: ")]


def tell(app, clock, *topics, kind="CaseAccepted"):
    with app.app_context():
        unit_of_work(lambda: announce(kind, {}, topics=list(topics), at=clock.now()))
        db.session.remove()


@pytest.mark.req("TRACK-3")
def test_two_hundred_open_streams_and_the_site_still_answers(served, bare_app, clock):
    address, tokens, _ = served

    async def scene():
        opened = [await get(address, "/live/user:public:zhang", tokens["public:zhang"]) for _ in range(STREAMS)]
        assert {status for status, _, _ in opened} == {200}
        started = time.monotonic()
        status, reader, writer = await get(address, "/healthz")
        assert status == 200 and time.monotonic() - started < 1
        listening = [asyncio.create_task(heard(reader, 3)) for _, reader, _ in opened]
        await asyncio.sleep(0.3)
        await asyncio.to_thread(tell, bare_app, clock, "user:public:zhang")
        told = await asyncio.gather(*listening)
        assert all([change["topic"] for change in changes] == ["user:public:zhang"] for changes in told)
        for _, _, writer in opened:
            writer.close()

    threads = threading.active_count()
    asyncio.run(scene())
    assert threading.active_count() < threads + 20


def test_a_change_reaches_those_who_listen_to_it_and_nobody_else(served, bare_app, clock):
    address, tokens, _ = served

    async def scene():
        zhang = await get(address, "/live/user%3Apublic%3Azhang,items", tokens["public:zhang"])
        wang = await get(address, "/live/user:public:wang", tokens["public:wang"])
        listening = [asyncio.create_task(heard(reader, 1.5)) for _, reader, _ in (zhang, wang)]
        await asyncio.to_thread(tell, bare_app, clock, "user:public:zhang", "case:1")
        await asyncio.to_thread(tell, bare_app, clock, "items", kind="CatalogueLoaded")
        return await asyncio.gather(*listening)

    to_zhang, to_wang = asyncio.run(scene())
    assert {(change["topic"], change["kind"]) for change in to_zhang} == {
        ("user:public:zhang", "CaseAccepted"), ("items", "CatalogueLoaded"),
    }
    assert to_wang == []


@pytest.mark.parametrize(("path", "who", "status"), [
    ("/live/user:public:zhang", None, 401),
    ("/live/user:public:zhang", "public:wang", 404),
    ("/live/case:1", "public:zhang", 404),
    ("/live/items,case:1", "public:zhang", 404),
    ("/live/group:officer@zrzy", "public:zhang", 404),
    ("/live/group:officer@zrzy", "staff:officer", 200),
    ("/live/" + ",".join(["items"] + [f"x{n}" for n in range(30)]), "public:zhang", 404),
])
def test_who_may_listen_is_the_policys_answer(served, path, who, status):
    address, tokens, _ = served
    assert asyncio.run(get(address, path, tokens.get(who)))[0] == status


def test_a_browser_that_comes_back_is_told_that_it_may_have_missed_something(served):
    address, tokens, _ = served

    async def scene():
        _, reader, _ = await get(address, "/live/user:public:zhang", tokens["public:zhang"], Last_Event_ID="0")
        return await heard(reader, 0.5)

    assert [change["kind"] for change in asyncio.run(scene())] == ["Returned"]


def test_what_happened_just_before_a_page_listened_is_told(served, bare_app, clock):
    address, tokens, _ = served
    tell(bare_app, clock, "user:public:zhang")

    async def scene():
        _, reader, _ = await get(address, "/live/user:public:zhang", tokens["public:zhang"])
        first = await heard(reader, 0.8)
        _, second, _ = await get(address, "/live/user:public:zhang", tokens["public:zhang"])
        return first, await heard(second, 0.3)

    first, second = asyncio.run(scene())
    assert len(first) == len(second) == 1


def test_a_gone_browser_leaves_nothing_behind(served):
    address, tokens, server = served

    async def scene():
        _, _, writer = await get(address, "/live/user:public:zhang", tokens["public:zhang"])
        await asyncio.sleep(0.2)
        assert len(server._asgi.hub._open) == 1
        writer.close()
        await asyncio.sleep(0.5)

    asyncio.run(scene())
    assert not server._asgi.hub._open and not server._asgi.hub._listeners


def test_shutting_down_ends_open_streams_promptly(served):
    address, tokens, server = served

    async def scene():
        opened = [await get(address, "/live/user:public:zhang", tokens["public:zhang"]) for _ in range(20)]
        started = time.monotonic()
        server.should_exit = True
        for _, reader, _ in opened:
            await asyncio.wait_for(reader.read(), 5)
        return time.monotonic() - started

    assert asyncio.run(scene()) < 2


def test_a_full_house_refuses_instead_of_failing(served, monkeypatch):
    address, tokens, server = served
    monkeypatch.setattr(server._asgi.hub, "_limit", 1)

    async def scene():
        first = await get(address, "/live/user:public:zhang", tokens["public:zhang"])
        second = await get(address, "/live/user:public:zhang", tokens["public:zhang"])
        return first[0], second[0]

    assert asyncio.run(scene()) == (200, 503)


# --- the hub and its reader ---------------------------------------------------------------------------

def test_a_slow_reader_gets_one_event_a_topic_however_much_happened():
    listener = hub_module.Listener(("case:1", "case:2"))
    for number in range(1000):
        listener.tell(hub_module.Change(number, "CaseAccepted", (f"case:{number % 3}",)))
    assert listener.take().count(b"event: changed") == 2
    assert listener.take() == b""


def test_the_hub_survives_a_database_that_is_away(monkeypatch):
    monkeypatch.setattr(hub_module, "AFTER_ERROR_SECONDS", 0.01)
    monkeypatch.setattr(hub_module, "POLL_SECONDS", 0.01)
    answers = [ConnectionError("away"), [hub_module.Change(1, "CaseAccepted", ("case:1",))]]
    sent = []

    async def read():
        answer = answers.pop(0) if answers else []
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def scene():
        hub, gone = hub_module.Hub(read, limit=10), asyncio.Event()

        async def receive():
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message["body"])

        stream = asyncio.create_task(hub.stream(("case:1",), receive, send, is_return=False))
        await asyncio.sleep(0.2)
        gone.set()
        await asyncio.wait_for(stream, 1)

    asyncio.run(scene())
    assert any(b"event: changed" in body for body in sent)


def test_an_id_that_becomes_visible_late_is_still_read(app, clock):
    """PostgreSQL: transaction A takes id 1, B takes id 2 and commits first."""
    reader = OutboxReader(app)
    announce_as = lambda number: unit_of_work(lambda: db.session.execute(db.text(
        "INSERT INTO outbox_event (id, key, kind, payload, topics, created_at, next_attempt_at, attempts) "
        "VALUES (:id, :key, 'X', '{}', '[\"items\"]', :at, :at, 0)"
    ), {"id": number, "key": str(number), "at": str(clock.now())}))
    announce_as(1)
    assert [change.id for change in reader.read()] == [1]
    announce_as(4)
    assert [change.id for change in reader.read()] == [4]
    announce_as(2)
    assert [change.id for change in reader.read()] == [2]
    for _ in range(13):
        clock.advance(seconds=5)
        assert reader.read() == []
    announce_as(3)  # a transaction that took longer than a minute: given up
    assert reader.read() == []


def test_a_reader_that_rested_begins_with_what_is_recent(app, clock):
    reader = OutboxReader(app)
    unit_of_work(lambda: announce("Old", {}, topics=["items"], at=clock.now()))
    reader.read()
    clock.advance(hours=1)
    unit_of_work(lambda: announce("Missed", {}, topics=["items"], at=clock.now()))
    clock.advance(hours=1)
    unit_of_work(lambda: announce("Recent", {}, topics=["items"], at=clock.now()))
    assert [change.kind for change in reader.read()] == ["Recent"]
