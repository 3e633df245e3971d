"""The body in three dimensions, for movements that one does not see from the side."""
