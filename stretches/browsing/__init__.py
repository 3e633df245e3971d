"""What the pages of the catalogue show to staff.

It goes through what a person may see (``visible_to``), and takes as many queries for ten thousand rows as for one.
"""
