"""Backups: made, read back, kept, and restored. docs/backup.md tells an operator how, docs/adr says why so."""
