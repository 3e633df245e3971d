"""The library as a file: all of it as JSON, its tables as a workbook, one of them as CSV."""

import csv
import io
import json

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font

from stretches.catalogue.records import Row
from stretches.exchange.cells import for_workbook
from stretches.exchange.columns import SHEETS, Sheet

JSON, XLSX, CSV = "json", "xlsx", "csv"
CONTENT_TYPES = {
    JSON: "application/json",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    CSV: "text/csv; charset=utf-8",
}


def as_json(content: Row) -> bytes:
    """A catalogue file: what ``load_catalogue`` reads, and with the same letters whenever the catalogue is the same."""
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def as_csv(content: Row, sheet: Sheet) -> bytes:
    """One table. The mark at the start tells Excel that it is UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(sheet.paths)
    for row in sheet.rows_of(content):
        writer.writerow([_word(column.written(row)) for column in sheet.columns])
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(content: Row) -> bytes:
    """A workbook with a sheet for each table; every text is stored as text, whatever it starts with."""
    workbook = Workbook(write_only=True)
    for sheet in SHEETS:
        page = workbook.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        header = [WriteOnlyCell(page, path) for path in sheet.paths]
        for cell in header:
            cell.font = Font(bold=True)
        page.append(header)
        for row in sheet.rows_of(content):
            page.append([_cell(page, column.written(row)) for column in sheet.columns])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _word(value: str | int | bool) -> str | int:
    return str(value).lower() if isinstance(value, bool) else value


def _cell(page: object, value: str | int | bool) -> object:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, for_workbook(value))
    cell.data_type = "s"
    if "\n" in value:
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    return cell
