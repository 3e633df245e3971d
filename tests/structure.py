"""``python -m tests.structure``: writes ``clinic/structure.sql``, the tables as migrations make them."""

import os


def main() -> None:
    """Migrate an empty SQLite file, and write down what became of it."""
    os.environ["TEST_DB"] = "sqlite"
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    from tests import environment

    environment.prepare()
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from clinic import structure

    call_command("migrate", verbosity=0)
    structure.FILE.write_text(structure.written(connection))


if __name__ == "__main__":
    main()
