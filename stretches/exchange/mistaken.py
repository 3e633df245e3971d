"""Files that are often sent in place of a table: each is called by what it is, with what to do."""

from stretches.catalogue.reading import BadCatalogueError, decoded

SAVE_AS = "choose what the export gave, or save the spreadsheet as CSV UTF-8 or as .xlsx"
BEGINNINGS = {
    b"\xd0\xcf\x11\xe0": "an old or a locked workbook: save it as .xlsx, without a password",
    b"\x89PNG": f"a picture, not a table of the catalogue; {SAVE_AS}",
    b"\xff\xd8\xff": f"a picture, not a table of the catalogue; {SAVE_AS}",
    b"GIF8": f"a picture, not a table of the catalogue; {SAVE_AS}",
    b"RIFF": f"a picture, a sound or a film, not a table of the catalogue; {SAVE_AS}",
    b"%PDF": f"a PDF, not a table of the catalogue; {SAVE_AS}",
}
"""How they begin, whatever their names say."""


def refuse_no_text(content: bytes) -> None:
    """Raise ``BadCatalogueError`` for what is no text in UTF-8: a spreadsheet's plain CSV and Unicode text are none."""
    for beginning, what in BEGINNINGS.items():
        if content.startswith(beginning):
            raise BadCatalogueError([f"it is {what}"])
    try:
        decoded(content)
    except BadCatalogueError as error:
        raise BadCatalogueError([f"its letters are not stored as UTF-8; {SAVE_AS}"]) from error
