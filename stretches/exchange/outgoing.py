"""The library as a file: all of it as JSON, its tables as a workbook, one of them as CSV."""

import csv
import datetime
import io
import json
import zipfile

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.writer.excel import ExcelWriter

from stretches.catalogue.records import Row
from stretches.exchange.cells import for_workbook
from stretches.exchange.columns import SHEETS, Sheet

NO_DATE = datetime.datetime(1980, 1, 1)  # noqa: DTZ001 - openpyxl wants it without a zone
"""The first day that ZIP knows: when a file was made would make each another one."""

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
    """A workbook with a sheet for each table; every text is stored as text, whatever it starts with.

    It does not say when it was made: of the same catalogue it is the same, byte for byte.
    """
    workbook = Workbook(write_only=True)
    workbook.properties.creator = "Limber"
    workbook.properties.created = workbook.properties.modified = NO_DATE
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
    ExcelWriter(workbook, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)).save()  # workbook.save() puts a date in
    return _undated(file)


def _undated(file: io.BytesIO) -> bytes:
    """Pack a ZIP file anew with every part of the same day."""
    packed = io.BytesIO()
    with zipfile.ZipFile(file) as dated, zipfile.ZipFile(packed, "w") as undated:
        for part in dated.infolist():
            undated.writestr(
                zipfile.ZipInfo(part.filename, NO_DATE.timetuple()[:6]), dated.read(part), zipfile.ZIP_DEFLATED
            )
    return packed.getvalue()


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
