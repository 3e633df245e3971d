"""What gunicorn serves in a test: Limber, with static files as they lie."""

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
django.setup()

from clinic.wsgi import application  # noqa: E402, F401 - settings first
