"""Where values are drawn, and what is said to whoever does not see it."""

import datetime

from django.template.loader import render_to_string

from routines.adherence import Adherence
from routines.plots import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, adherence_plot, hold_plot, pain_plot

SINCE, UNTIL = datetime.date(2026, 1, 1), datetime.date(2026, 1, 31)


def on(day):
    return datetime.date(2026, 1, day)


def pain(*scores):
    return pain_plot("Pain", scores, since=SINCE, until=UNTIL)


def test_the_first_day_is_left_and_the_last_right_no_pain_below_and_the_worst_above():
    marks = pain((on(1), 0), (on(31), 10)).marks

    assert [(mark.x, mark.y) for mark in marks] == [(LEFT, HEIGHT - BOTTOM), (WIDTH - RIGHT, TOP)]


def test_a_mark_has_the_shape_of_its_tier():
    marks = pain((on(1), 2), (on(2), 3), (on(3), 5), (on(4), 6)).marks

    assert [mark.kind for mark in marks] == ["dot", "triangle", "triangle", "square"]


def test_a_day_shows_its_worst_pain_and_its_longest_hold():
    holds = hold_plot("Hold", [(on(1), 10), (on(1), 30), (on(1), 20)], since=SINCE, until=UNTIL)

    assert [row.value for row in pain((on(1), 2), (on(1), 7), (on(1), 3)).rows] == [7]
    assert [row.words for row in holds.rows] == ["30 s"]


def test_long_without_a_log_is_a_gap():
    joined, parted = pain((on(1), 1), (on(8), 1)), pain((on(1), 1), (on(9), 1))

    assert (len(joined.lines), len(parted.lines)) == (1, 0)


def test_what_lies_outside_of_the_days_is_left_out():
    plot = pain((SINCE - datetime.timedelta(days=1), 3), (UNTIL + datetime.timedelta(days=1), 3))

    assert not plot


def test_a_hold_beyond_a_minute_stretches_the_scale():
    plot = hold_plot("Hold", [(on(1), 120)], since=SINCE, until=UNTIL)

    assert (plot.marks[0].y, [tick.words for tick in plot.y_ticks]) == (TOP, ["0 s", "60 s", "120 s"])


def test_one_day_alone_is_drawn_too():
    assert pain_plot("Pain", [(on(1), 4)], since=on(1), until=on(1)).marks[0].x == LEFT


def test_the_picture_says_in_words_what_it_shows():
    html = render_to_string("routines/_plot.html", {"plot": pain((on(1), 6), (on(3), 2)), "id": "pain"})

    assert "From 6 of 10 on 1 January to 2 of 10 on 3 January" in html
    assert html.index("3 Jan 2026") < html.index("1 Jan 2026")
    assert html.count("<polygon") == html.count("<circle") == 1


def test_adherence_is_plotted_in_percent_and_a_week_without_anything_due_is_a_gap():
    weeks = {on(5): Adherence(7, 14), on(12): Adherence(), on(19): Adherence(14, 14)}

    plot = adherence_plot("Sessions", weeks, since=SINCE, until=UNTIL)

    assert [(row.value, row.words) for row in plot.rows] == [(100, "14 of 14 sessions"), (50, "7 of 14 sessions")]
    assert (plot.marks[1].y, plot.lines) == (TOP, ())
