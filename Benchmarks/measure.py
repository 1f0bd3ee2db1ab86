"""Samples, rows, and the table they end in. A row knows nothing of how its figures came to be."""

import json
import math
import statistics
import time
from dataclasses import dataclass, field


@dataclass
class Row:
    """One line of the table: the samples of each contender, in one unit.

    `ours` is the contender that the others are compared with. `growth` names the series that the row belongs to, and
    `scale` its place in it, for the exponent that is fitted over the series.
    """

    section: str
    what: str
    unit: str
    samples: dict = field(default_factory=dict)
    growth: str = ""
    scale: float = 0
    note: str = ""

    def add(self, contender, value):
        self.samples.setdefault(contender, []).append(value)

    def median(self, contender):
        values = self.samples.get(contender)
        return statistics.median(values) if values else None

    def ratio(self, contender, ours="rotated"):
        """Ours by theirs: below 1, ours takes less."""
        mine, other = self.median(ours), self.median(contender)
        return mine / other if mine is not None and other else None


FLOORS = ("same calls in C", "bare renames in C", "exchanges in C", "statx in C", "timerfd in C", "no watcher", "compressor alone", "when idle", "zero")
PEERS = ("logrotate", "asyncio")


def interleave(contenders, runs, before=lambda: None):
    """Calls each contender `runs` times, all of them in every round, each round beginning with another one."""
    names = list(contenders)
    for round_ in range(runs):
        for position in range(len(names)):
            name = names[(round_ + position) % len(names)]
            before()
            contenders[name]()


def exponent(points):
    """The slope through (scale, median) in logarithms: 1 is linear."""
    points = [(math.log(x), math.log(y)) for x, y in points if x > 0 and y and y > 0]
    if len(points) < 2:
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / sum((x - mean_x) ** 2 for x, _ in points)


def exponents(rows):
    """A line for each series of rows: its name, its scales, and the exponent of each contender."""
    series = {}
    for row in rows:
        if row.growth:
            series.setdefault(row.growth, []).append(row)
    lines = []
    for name, members in series.items():
        members.sort(key=lambda row: row.scale)
        found = {}
        for contender in members[0].samples:
            slope = exponent([(row.scale, row.median(contender)) for row in members])
            if slope is not None and len(members) > 2:
                found[contender] = slope
        if found:
            lines.append({"series": name, "scales": [row.scale for row in members], "exponents": found})
    return lines


def number(value):
    """Three digits that say something."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:,.{digits}f}" if digits else f"{round(value):,}"


def spread(values):
    """The median, and the least and the greatest of several."""
    median = number(statistics.median(values))
    if len(values) < 2 or min(values) == max(values):
        return median
    return f"{median} ({number(min(values))}–{number(max(values))})"


HEAD = ["what", "unit", "rotated", "logrotate", "asyncio", "floor", "rotated ÷ theirs"]


def cells(row):
    def cell(names, named):
        parts = [(f"{name}: " if named else "") + spread(row.samples[name]) for name in names if name in row.samples]
        return "; ".join(parts) or "–"

    ratios = [
        f"{name} {row.ratio(name):.2f}" for name in PEERS + FLOORS if name in row.samples and row.ratio(name) is not None
    ]
    return [
        row.what, row.unit, cell(["rotated"], False), cell(["logrotate"], False), cell(["asyncio"], False),
        cell(FLOORS, True), ", ".join(ratios) or "–",
    ]


def markdown(rows, facts):
    """The whole report, as Markdown."""
    lines = ["# Benchmarks of rotated", ""]
    lines += [f"- {name}: {value}" for name, value in facts.items()]
    for section in dict.fromkeys(row.section for row in rows):
        members = [row for row in rows if row.section == section]
        lines += ["", f"## {section}", "", *table(HEAD, [cells(row) for row in members])]
        lines += [f"\n{note}" for note in dict.fromkeys(row.note for row in members if row.note)]
    growth = exponents(rows)
    if growth:
        body = [
            [line["series"], ", ".join(f"{scale:,.0f}" for scale in line["scales"]),
             ", ".join(f"{name} {value:.2f}" for name, value in line["exponents"].items())]
            for line in growth
        ]
        lines += ["", "## Cost of growth: the exponent, 1 is linear", "", *table(["what", "over", "exponents"], body)]
    return "\n".join(lines) + "\n"


def table(head, body):
    widths = [max(len(row[column]) for row in [head, *body]) for column in range(len(head))]
    rule = ["-" * width for width in widths]
    return ["| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths)) + " |" for row in [head, rule, *body]]


def as_json(rows, facts):
    """The same, with every sample."""
    return json.dumps(
        {
            "facts": facts,
            "rows": [
                {
                    "section": row.section, "what": row.what, "unit": row.unit, "samples": row.samples,
                    "median": {name: row.median(name) for name in row.samples},
                    "ratio": {name: row.ratio(name) for name in row.samples if name != "rotated"},
                    "note": row.note,
                }
                for row in rows
            ],
            "growth": exponents(rows),
        },
        indent=1, ensure_ascii=False,
    ) + "\n"


class Clock:
    """`with Clock() as clock: …`, then `clock.seconds`."""

    def __enter__(self):
        self.started = time.monotonic()
        return self

    def __exit__(self, *_):
        self.seconds = time.monotonic() - self.started
