"""A static file that is named and missing is a 500 in production; tests serve files as they lie and could miss it."""

import gzip
import re
from pathlib import Path

import brotli
from django.conf import settings as project
from django.contrib.staticfiles import finders
from django.core.management import call_command

from clinic.storage import BundledManifestStorage


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


def test_every_file_is_compressed_as_what_it_holds(tmp_path) -> None:
    storage = BundledManifestStorage(location=tmp_path)
    held = {"a.css": b"p { }" * 99, "a.1b.css": b"p { }" * 99, "b.css": b"q { }" * 99, "tiny.css": b"x"}
    for name, content in held.items():
        (tmp_path / name).write_bytes(content)

    made = dict.fromkeys(compressed for _, compressed in storage.compress_files(held))

    assert set(made) == {f"{name}.{form}" for name in ("a.css", "a.1b.css", "b.css") for form in ("br", "gz")}
    for name in made:
        unpacked = (brotli.decompress if name.endswith(".br") else gzip.decompress)((tmp_path / name).read_bytes())
        assert unpacked == held[name.removesuffix(".br").removesuffix(".gz")]
