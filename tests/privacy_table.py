"""The table in docs/privacy.md, from what is declared: ``python -m tests.privacy_table`` writes it."""

from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs" / "privacy.md"
BEGIN, END = "<!-- from the declarations: python -m tests.privacy_table -->", "<!-- end -->"


def table() -> str:
    """A line for each table with something personal in it, then the names of the others."""
    from accounts.personal import Rule
    from clinic.privacy.declarations import declared

    tables = [each for each in declared() if not hasattr(each.model_class, "instance_type")]
    personal = [each for each in tables if each.rule is not Rule.NOT_PERSONAL]
    others = [each.model for each in tables if each.rule is Rule.NOT_PERSONAL]
    lines = ["| table | what for | erased at once | kept for the term | made anonymous |", "|---|---|---|---|---|"]
    lines += [
        f"| `{each.model}` | {each.why} | {_names(each.erase)} | {_names(each.keep)} | {_names(each.anonymise)} |"
        for each in personal
    ]
    return "\n".join([*lines, "", f"Nothing personal: {', '.join(f'`{name}`' for name in others)}."])


def _names(fields: str) -> str:
    return ", ".join(fields.split())


def written(page: str) -> str:
    """The page with the table as it is today."""
    before, _, rest = page.partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    import django

    from tests import environment

    environment.prepare()
    __import__("os").environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    django.setup()
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
