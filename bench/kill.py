"""Acknowledged is stored: kill -9 of gunicorn, its workers, PostgreSQL and its connections, while people write.

``python -m bench kill``, of 5 kills and 2,000 writes; ``KILLS=100 WRITES=100000`` is the full one. Phones log each
thing through the real page until they are told that it is stored, now and then twice; a clinician revises and
activates.
Afterwards the database is read: what was acknowledged and is not there is lost, what is there twice is doubled, and a
prescription without all that belongs to it is half-written. Every log has to stand in the audit record once. The same
is done with durability off, where rows have to be missing: a count that finds nothing there finds nothing anywhere.
"""

import contextlib
import os
import random
import threading
import time
from typing import Any

import psycopg2

from bench.killing.site import Site
from bench.killing.writers import DAYS, PARTS, Book, StuckError, Writer
from bench.row import Row

KILLS = int(os.environ.get("KILLS", "5"))
WRITES = int(os.environ.get("WRITES", "2000"))
THREADS = int(os.environ.get("THREADS", "8"))
SEED = int(os.environ.get("SEED", "1"))
LINES, REVISED = 4, 20
KINDS = ("postgres", "web", "worker", "connection")
CONTROL_KILLS = 3
LOGS = """
SELECT log.id::text, log.item_id::text, session."on"::text, session.part_of_day, log.pain_score
FROM routines_stretchlog log JOIN routines_sessionlog session ON session.id = log.session_id
"""
DOUBLED = """
SELECT (SELECT count(*) FROM (SELECT 1 FROM routines_stretchlog log JOIN routines_sessionlog s ON s.id = log.session_id
          GROUP BY log.item_id, s."on", s.part_of_day HAVING count(*) > 1) twice)
     + (SELECT count(*) FROM (SELECT 1 FROM routines_sessionlog
          GROUP BY prescription_id, "on", part_of_day HAVING count(*) > 1) twice)
     + (SELECT count(*) FROM (SELECT 1 FROM prescriptions_prescription WHERE status IN ('active', 'on-hold')
          GROUP BY patient_id HAVING count(*) > 1) twice)
"""
HALF = f"""
SELECT count(*) FROM prescriptions_prescription p
WHERE (SELECT count(*) FROM prescriptions_prescribedstretch WHERE prescription_id = p.id) <> {LINES}
   OR (p.status <> 'draft') <> (p.activated_at IS NOT NULL)
   OR (p.status <> 'draft') <> EXISTS (SELECT 1 FROM prescriptions_permissibilityreport WHERE prescription_id = p.id)
   OR (p.status = 'active' AND p.replaces_id IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM prescriptions_prescription old WHERE old.id = p.replaces_id AND old.status = 'completed'))
"""
NONE_IN_FORCE = """
SELECT count(*) FROM patients_patient p
WHERE NOT EXISTS (SELECT 1 FROM prescriptions_prescription WHERE patient_id = p.id AND status = 'active')
"""
NOT_ON_RECORD = """
SELECT count(*) FROM routines_stretchlog log LEFT JOIN (
    SELECT object_id, count(*) AS times FROM audit.event
    WHERE table_name = 'routines_stretchlog' AND action = 'add' GROUP BY object_id
) event ON event.object_id = log.id::text
WHERE event.times IS DISTINCT FROM 1
"""
ACTIVE = "SELECT id::text FROM prescriptions_prescription WHERE status IN ('active', 'completed')"


def measure() -> list[Row]:
    """In earnest, and with durability off."""
    rows = killed(KILLS, WRITES, is_durable=True)
    return rows + killed(CONTROL_KILLS, max(WRITES // 20, 300), is_durable=False)


def killed(kills: int, writes: int, *, is_durable: bool) -> list[Row]:
    """So many kills, spread over so many writes."""
    book, dice = Book(wanted=writes), random.Random(SEED)
    site = Site(is_durable=is_durable)
    phones = -(-writes * 11 // 10 // (LINES * len(PARTS) * DAYS)) + THREADS
    world = site.begin(phones=phones, revised=REVISED if is_durable else 1)
    try:
        started = time.monotonic()
        threads = write(site, book, world)
        recovered = [kill_at(site, book, dice, number, kills, is_durable=is_durable) for number in range(kills)]
        for thread in threads:
            thread.join()
        seconds = time.monotonic() - started
        return rows_of(site, book, is_durable=is_durable, seconds=seconds, recovered=recovered)
    finally:
        book.stopped.set()
        site.end()


def write(site: Site, book: Book, world: dict[str, Any]) -> list[threading.Thread]:
    """Begin to write, on several threads."""
    work: list[tuple[Any, ...]] = [
        (Writer(site.port, book).log, world["phones"][number::THREADS], world["today"]) for number in range(THREADS)
    ]
    work.append((Writer(site.port, book).revise, world["revised"], world["clinician"]))

    def run(task: Any, *arguments: Any) -> None:
        try:
            task(*arguments)
        except StuckError as error:
            book.refused.append(f"stuck: {error}")
            book.stopped.set()  # the site did not come back: nobody waits for it any longer

    threads = [threading.Thread(target=run, args=each) for each in work]
    for thread in threads:
        thread.start()
    return threads


def kill_at(site: Site, book: Book, dice: random.Random, number: int, kills: int, *, is_durable: bool) -> float:
    """Wait until it is time for a kill, do it, and return the seconds until something is acknowledged again."""
    due = book.wanted * (number + dice.random()) / (kills + 1)
    while len(book.acknowledged) < due and not book.is_full:
        time.sleep(0.005)
    site.kill(KINDS[number % len(KINDS)] if is_durable else "postgres", dice)
    before, back_at = len(book.acknowledged), time.monotonic()
    while len(book.acknowledged) == before and not book.is_full and time.monotonic() - back_at < 60:
        time.sleep(0.005)
    return time.monotonic() - back_at


def rows_of(site: Site, book: Book, *, is_durable: bool, seconds: float, recovered: list[float]) -> list[Row]:
    """Hold what was acknowledged against what is stored."""
    with contextlib.closing(psycopg2.connect(site.cluster.url)) as link, link.cursor() as cursor:
        cursor.execute(LOGS)
        stored = {row[0]: tuple(row[1:]) for row in cursor.fetchall()}
        counts = []
        for question in (DOUBLED, HALF, NONE_IN_FORCE, NOT_ON_RECORD):
            cursor.execute(question)
            counts.append(int((cursor.fetchone() or (0,))[0]))
        cursor.execute(ACTIVE)
        active = {row[0] for row in cursor.fetchall()}
    lost = [own_id for own_id, said in book.acknowledged.items() if stored.get(own_id) != said]
    lost += [each for each in book.activated if each not in active]
    invented = [own_id for own_id, said in stored.items() if book.sent.get(own_id) != said]
    if not is_durable:
        return [Row("control, durability off: acknowledged and lost", len(lost), "rows", at_least=1)]
    return [
        Row(f"kill -9 (KILLS={KILLS} WRITES={WRITES} THREADS={THREADS} SEED={SEED})", len(recovered), "times"),
        Row("acknowledged logs", len(book.acknowledged), "rows", at_least=book.wanted),
        Row("acknowledged activations", len(book.activated), "prescriptions", at_least=1),
        Row("acknowledged and lost", len(lost), "rows", 0),
        Row("stored twice", counts[0], "rows", 0),
        Row("stored otherwise than sent", len(invented), "rows", 0),
        Row("half-written prescriptions", counts[1] + counts[2], "prescriptions", 0),
        Row("logs without exactly one event on record", counts[3], "rows", 0),
        Row("refused", len(book.refused), f"answers {book.refused[:2] or ''}".strip(), 0),
        Row("answers 500", len(book.failed), f"answers {book.failed[:2] or ''}".strip(), 0),
        Row("longest until the next is acknowledged, after a restart", max(recovered, default=0), "s", 10),
        Row("acknowledged a second", len(book.acknowledged) / seconds, "logs/s"),
    ]
