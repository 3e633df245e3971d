import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from operations.secret_files import SECRETS, with_secret_files

PRINT_DATABASES = (
    "from django.conf import settings as s; print({a: d['NAME'] for a, d in s.DATABASES.items()}, s.SECRET_KEY)"
)


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_read_from_its_file(tmp_path, name):
    (tmp_path / "secret").write_text("p@ss word\n")

    found = with_secret_files({f"{name}_FILE": str(tmp_path / "secret"), "DEBUG": "1"})

    assert (found[name], found["DEBUG"]) == ("p@ss word", "1")


def test_without_a_file_nothing_changes():
    assert with_secret_files({"SECRET_KEY": "k", "EMAIL_URL_FILE": ""}) == {"SECRET_KEY": "k", "EMAIL_URL_FILE": ""}


@pytest.mark.parametrize(
    ("content", "also", "complaint"),
    [
        (None, {}, "EMAIL_URL_FILE: .*No such file"),
        (b" \n", {}, "EMAIL_URL_FILE: .*secret is empty"),
        (b"\xff\xfe", {}, "EMAIL_URL_FILE: .*decode"),
        (b"smtp://one", {"EMAIL_URL": "smtp://two"}, "EMAIL_URL and EMAIL_URL_FILE are both set"),
    ],
)
def test_a_bad_file_stops_the_start_and_is_named(tmp_path, content, also, complaint):
    file = tmp_path / "secret"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SystemExit, match=complaint):
        with_secret_files({"EMAIL_URL_FILE": str(file), **also})


def shell(*arguments: str, tmp_path: Path, **more: str) -> str:
    """What manage.py says in an environment of a real installation."""
    (tmp_path / "key").write_text("key of a file\n")
    environment = {
        "PATH": os.environ["PATH"],
        "SECRET_KEY_FILE": str(tmp_path / "key"),
        "DATABASE_URL": "postgresql://limber_app@db/as_app",
        **more,
    }
    done = subprocess.run(
        [sys.executable, settings.BASE_DIR / "manage.py", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


OWNER = "postgresql://limber_owner@db/as_owner"


def test_commands_for_the_whole_database_connect_as_its_owner(tmp_path):
    urls = {
        "DATABASE_URL": f"sqlite:///{tmp_path / 'app'}",
        "OWNER_DATABASE_URL": f"sqlite:///{tmp_path / 'owner'}",
    }

    shell("sqlflush", tmp_path=tmp_path, **urls)

    assert sorted(path.name for path in tmp_path.iterdir()) == ["key", "owner"]


def test_everything_else_does_not(tmp_path):
    as_app = shell("shell", "--no-imports", "-c", PRINT_DATABASES, tmp_path=tmp_path, OWNER_DATABASE_URL=OWNER)
    as_owner = shell(
        "shell", "--no-imports", "-c", PRINT_DATABASES, tmp_path=tmp_path, OWNER_DATABASE_URL=OWNER, AS_OWNER="1"
    )

    assert as_app == "{'default': 'as_app'} key of a file"
    assert as_owner == "{'default': 'as_owner'} key of a file"


def test_the_replica_is_a_second_database(tmp_path):
    said = shell(
        "shell", "--no-imports", "-c", PRINT_DATABASES, tmp_path=tmp_path, REPLICA_DATABASE_URL="postgresql://r/copy"
    )

    assert said == "{'default': 'as_app', 'replica': 'copy'} key of a file"
