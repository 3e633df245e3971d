"""How people sign in, and what they say about themselves."""
