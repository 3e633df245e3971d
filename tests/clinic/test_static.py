"""A static file that is named and missing is a 500 in production; tests serve files as they lie and could miss it."""

import re
from pathlib import Path

from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.management import call_command


def test_every_static_file_that_a_template_names_exists() -> None:
    templates = Path(project.BASE_DIR, "templates").rglob("*.html")

    named = {name for file in templates for name in re.findall(r"{% static [\"']([^\"']+)", file.read_text())}

    assert sorted(name for name in named if not finders.find(name)) == []


def test_every_static_file_that_another_one_names_exists(settings, tmp_path) -> None:
    settings.STATIC_ROOT = tmp_path
    manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": manifest}

    call_command("collectstatic", interactive=False, verbosity=0)  # refuses a link to nothing

    assert (tmp_path / "staticfiles.json").exists()
