"""Django's SQLite, with a function of ours: whom the triggers of the audit record ask who acts.

SQLite knows no users and no settings of a transaction, so a connection of Limber's says it. A program that does not
know the function cannot write a patient's rows: SQLite refuses, for the trigger asks what nobody answers.
"""

from typing import Any

from django.db.backends.sqlite3 import base

from audit.acting import told


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection to an SQLite file."""

    def get_new_connection(self, conn_params: Any) -> Any:
        """Open the file, and bring along who acts."""
        connection = super().get_new_connection(conn_params)
        connection.create_function("limber_acting", 1, told)
        return connection
