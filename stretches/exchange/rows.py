"""From the cells of a table to rows of the catalogue, and to what is wrong with them, row by row."""

from collections.abc import Iterator

from stretches.catalogue.checks import Problem, slug
from stretches.catalogue.layout import SOURCE as SOURCE_CHECK
from stretches.catalogue.layout import TABLES
from stretches.catalogue.reading import FAULTS_MAX
from stretches.catalogue.records import OF_A_CONTRAINDICATION, Row, code_of
from stretches.exchange.columns import SHEETS, Sheet
from stretches.exchange.spreadsheets import ERRORS, Table
from stretches.models import StretchStatus


def column_names(header: list[str]) -> list[str]:
    """The names in a header, which may be written in capitals."""
    known = {path for sheet in SHEETS for path in sheet.paths}
    names = [name.strip() for name in header]
    return [name.lower() if name.lower() in known else name for name in names]


def rows_and_faults(sheet: Sheet, table: Table, label: str) -> tuple[list[Row], list[str], list[str]]:
    """Rows, the places where they stand, and what is wrong, row by row and column by column."""
    header = column_names(table[0])
    rows, places = [], []
    faults: list[str] = []
    for number, cells in enumerate(table[1:], start=2):
        if len(faults) >= FAULTS_MAX:
            break
        if not cells:
            continue
        place = f"{label} {number}"
        if len(cells) > len(header):
            faults.append(f"{place}: has {len(cells)} cells, but there are {len(header)} columns")
            continue
        row = sheet.row(dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True)))
        _complete(sheet.name, row)
        broken = [name for name, cell in zip(header, cells, strict=False) if cell in ERRORS]
        faults += [f"{place}: {name}: is an error of the spreadsheet; put the text itself there" for name in broken]
        found = ((path.removeprefix("."), words) for path, words in misfits(sheet.name, row))
        faults += [f"{place}: {path}: {words}" for path, words in found if path.partition("[")[0] not in broken]
        rows.append(row)
        places.append(place)
    return rows, places, faults


def _complete(name: str, row: Row) -> None:
    """Add what a table has no column for."""
    window = row.get("window")
    if name in {"contraindications", "movement_rules"} and window is not None:
        if window["from_week"] is None and window["until_week"] is None:
            row["window"] = None
        else:
            window["from_week"] = 0 if window["from_week"] is None else window["from_week"]
    if name == "stretches":
        row["harder"] = []
        row["status"] = row.get("status", StretchStatus.DRAFT.value)
    if name == "contraindications" and not row.get("id"):
        weeks = row["window"] or {"from_week": None, "until_week": None}
        values = {**row, **weeks, "condition_code": row["condition"]}
        row["id"] = code_of(values, *OF_A_CONTRAINDICATION)


def misfits(name: str, row: Row) -> Iterator[Problem]:
    """What in a row does not fit its table: where, and why."""
    if name == "sources":
        values = {key: value for key, value in row.items() if key != "slug"}
        yield from SOURCE_CHECK(values)
        yield from ((".slug", words) for _, words in slug(60)(row["slug"]))
        return
    checked = dict(row)
    if name == "contraindications" and isinstance(row["window"], dict):
        checked["window"] = {"anchor": "onset_date", **row["window"]}  # that of the condition, which no column says
    yield from TABLES[name](checked)
