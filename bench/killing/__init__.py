"""What ``bench/kill.py`` is made of: a site to kill, people who write to it, and the count afterwards."""
