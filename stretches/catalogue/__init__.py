"""Reading a catalogue file into the database.

``reading`` turns bytes into a checked file, ``records`` the file into records, ``comparison`` sets them against the
database, ``writing`` stores what is new or, when asked, what differs. Each step needs only those before it.
"""
