"""The player's pure modules, asked in the browser that runs them: clock, phases, run, routine and queue."""

import json

import pytest

BROWSER = """async ([path, code, given]) => {
    const module = await import(path);
    return new (Object.getPrototypeOf(async () => {}).constructor)("m", "given", code)(module, given);
}"""


@pytest.fixture
def ask(page, live_server):
    """Run a few lines against a module of the player, which they call ``m``."""
    page.route(
        "**/empty.html",
        lambda route: route.fulfill(body="<!doctype html><title>Empty</title>", content_type="text/html"),
    )
    page.goto("/empty.html")

    def ask(module, code, given=None):
        return page.evaluate(BROWSER, [f"/static/js/player/{module}.js", code, given])

    return ask


def stretch(**changes):
    return {"sides": ["both"], "repetitions": 1, "hold_seconds": 10, **changes}


def words(phases):
    return " ".join(f"{each['kind']}-{each['side']}-{each['seconds']}" for each in phases)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (stretch(), "ready-both-5 hold-both-10"),
        (stretch(repetitions=2), "ready-both-5 hold-both-10 rest-both-7 hold-both-10"),
        (stretch(sides=["left"]), "ready-left-5 hold-left-10"),
        (stretch(sides=["left", "right"]), "ready-left-5 hold-left-10 switch-right-5 hold-right-10"),
        (stretch(hold_seconds=None, repetitions=3), "ready-both-5 move-both-5 move-both-5 move-both-5"),
    ],
)
def test_what_a_stretch_is_made_of(ask, given, expected):
    phases = ask("steps", "return m.phasesOf(given, {readySeconds: 5, restSeconds: 7})", given)

    assert words(phases) == expected


@pytest.mark.parametrize(
    ("steady", "wall", "seconds"),
    [
        (4000, 4000, 4),
        (4000, 60_000, 60),  # the phone slept, and its steady clock with it
        (4000, -3_600_000, 4),  # somebody set the clock back
        (0, 0, 0),
    ],
)
def test_the_clock_that_says_more_is_right(ask, steady, wall, seconds):
    code = """
        let now = {steady: 1000, wall: 1000};
        const clock = new m.Clock(() => now);
        clock.start();
        now = {steady: 1000 + given[0], wall: 1000 + given[1]};
        return clock.seconds();
    """

    assert ask("clock", code, [steady, wall]) == seconds


RUN = """
    const phases = [
        {kind: "ready", seconds: 5}, {kind: "hold", seconds: 10},
        {kind: "rest", seconds: 5}, {kind: "hold", seconds: 10},
    ];
    const clock = {at: 0, from: 0, start() { this.from = this.at; }, pause() {}, resume() {},
                   seconds() { return this.at - this.from; }};
    const run = new m.Run(phases, clock);
    const after = (seconds) => { clock.at += seconds; return run.tick().map(({type}) => type); };
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("run.start(); return after(4)", ["count"]),
        ("run.start(); return after(5.1)", ["phase"]),
        ("run.start(); return after(9)", ["phase", "paused", "slept"]),
        ("run.start(); after(5); after(10); return run.heldSeconds", 10),
        ("run.start(); after(5); after(4); run.leave(); return [run.heldSeconds, run.wasBegun]", [4, True]),
        ("run.start(); after(5); after(4); run.leave(); return run.isWhole", False),
        ("run.start(); after(3); run.leave(); return [run.heldSeconds, run.wasBegun]", [0, False]),
        ("run.start(); after(5); after(10); after(5); return [...after(10), run.isWhole]", ["over", True]),
        ("run.start(); after(5); after(1); run.back(); return run.phase.kind", "ready"),
        ("run.start(); after(5); after(6); run.back(); return [run.phase.kind, run.secondsLeft]", ["hold", 10]),
        ("return [run.back().length, run.pause().length, run.resume().length, run.status]", [0, 0, 0, "waiting"]),
    ],
)  # fmt: skip
def test_how_a_stretch_runs(ask, code, expected):
    assert ask("run", RUN + code) == expected


SAID = {
    "made_at": "2026-03-01T20:00:00+00:00",
    "expires_at": "2026-03-02T20:00:00+00:00",
    "red_flag_questions": [{"slug": "rf-chest", "tier": "emergency"}],
    "routines": [
        {
            "on": "2026-03-01",
            "state": "active",
            "paused": [{"name": "Bridge"}],
            "parts": [
                {
                    "part_of_day": "before-bed",
                    "is_next": True,
                    "stretches": [{"item": "a", "logged": {"outcome": "done"}}, {"item": "b", "logged": None}],
                }
            ],
        }
    ],
}
EVENING, NEXT_MORNING = "2026-03-01T20:30:00Z", "2026-03-02T07:00:00Z"
PARTS = "return m.partsOf(given.said, m.learntFrom(given.entries, given.said), Date.parse(given.now))"


def entry(**fields):
    return {"about": "Plank", "fields": {"item": "b", "on": "2026-03-01", "part_of_day": "before-bed", **fields}}


@pytest.mark.parametrize(
    ("now", "entries", "on", "outcomes"),
    [
        (EVENING, [], "2026-03-01", {"a": "done", "b": None}),
        (EVENING, [entry(outcome="partly", pain_score="5")], "2026-03-01", {"a": "done", "b": "partly"}),
        (EVENING, [entry(outcome="done", pain_score="6", has_spread="no")], "2026-03-01", {"a": "done"}),
        (EVENING, [entry(outcome="done", pain_score="0", has_spread="yes")], "2026-03-01", {"a": "done"}),
        (NEXT_MORNING, [], "2026-03-02", {"a": None, "b": None}),
        (NEXT_MORNING, [entry(outcome="done", pain_score="1")], "2026-03-02", {"a": None, "b": None}),
        (NEXT_MORNING, [entry(outcome="done", pain_score="9")], "2026-03-02", {"a": None}),
    ],
)  # fmt: skip
def test_what_there_is_to_do(ask, now, entries, on, outcomes):
    (part,) = ask("routine", PARTS, {"said": SAID, "entries": entries, "now": now})

    assert part["on"] == on
    assert {each["item"]: each["outcome"] for each in part["stretches"]} == outcomes


def test_a_yes_leaves_nothing_to_do(ask):
    entries = [{"about": "", "fields": {"rf-chest": "yes"}}]

    assert ask("routine", PARTS, {"said": SAID, "entries": entries, "now": EVENING}) == []


@pytest.mark.parametrize(
    ("now", "expected"),
    [("2026-03-02T19:59:59Z", False), ("2026-03-02T20:00:00Z", True), ("2027-01-01T00:00:00Z", True)],
)
def test_a_routine_is_refused_from_the_24th_hour_on(ask, now, expected):
    assert ask("routine", "return m.isExpired(given[0], Date.parse(given[1]))", [SAID, now]) is expected


def test_a_routine_that_does_not_say_until_when_is_refused(ask):
    assert ask("routine", "return m.isExpired({}, 0)") is True


@pytest.mark.parametrize(
    ("answers", "sent", "left"),
    [
        ([200, 200, 200], ["a", "b", "c"], ["a sent", "b sent", "c sent"]),
        ([200, 503, 200], ["a", "b"], ["a sent", "b", "c"]),
        ([0], ["a"], ["a", "b", "c"]),
        ([401], ["a"], ["a", "b", "c"]),
        ([403], ["a"], ["a", "b", "c"]),
        ([409, 200, 410], ["a", "b", "c"], ["a refused", "b sent", "c refused"]),
    ],
)
def test_the_queue_is_sent_in_order_and_forgets_nothing(ask, answers, sent, left):
    code = """
        for (const id of ["a", "b", "c"]) await m.put({owner: "ada", url: "/", fields: {id}});
        await m.put({owner: "somebody else", url: "/", fields: {id: "x"}});
        const sent = [];
        await m.send("ada", async ({fields}) => {
            sent.push(fields.id);
            return {status: given[sent.length - 1], body: {errors: {on: ["Not that day."]}}};
        });
        const left = (await m.keptOf("ada")).map(
            (each) => each.fields.id + (each.sent ? " sent" : "") + (each.refused ? " refused" : ""));
        return [sent, left, (await m.waitingOf("somebody else")).length];
    """

    assert ask("outbox", code, answers) == [sent, left, 1]


def test_two_tabs_send_once(ask):
    code = """
        await m.put({owner: "ada", url: "/", fields: {id: "a"}});
        const sent = [];
        const post = async ({fields}) => {
            sent.push(fields.id);
            await new Promise((done) => setTimeout(done, 50));
            return {status: 200};
        };
        await Promise.all([m.send("ada", post), m.send("ada", post)]);
        return sent;
    """

    assert json.dumps(ask("outbox", code)) == '["a"]'
