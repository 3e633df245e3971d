"""The catalogue as files: out of the database, and into it for somebody to look at first.

``stored`` gives the library as the content of a catalogue file, ``outgoing`` writes it as JSON, XLSX or CSV.
``incoming`` reads any of these, ``free_exercise_db`` and ``wger`` what those two projects publish; ``landing`` shows
what a file would change and does it. Everything passes through the same checks, comparison and writing as
``load_catalogue``: see ``stretches.catalogue``.
"""
