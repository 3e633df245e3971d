"""A large clinic group of invented people, to measure with: what ``manage.py generate_load`` makes."""
