"""How static files are stored when they are served in earnest."""

import hashlib
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

from clinic.bundling import ENTRIES, bundle


class BundledManifestStorage(CompressedManifestStaticFilesStorage):
    """Compressed, named by content, and what phones load served whole: see ``clinic.bundling``."""

    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, tuple[Storage, str]], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Put the bundles in place of the entries, then name and compress as ever."""

        def read(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode() if "b" in getattr(file, "mode", "rb") else file.read())

        with tempfile.TemporaryDirectory() as folder:
            bundled = FileSystemStorage(location=folder)
            for name in ENTRIES:
                if name in paths:
                    Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
                    Path(folder, name).write_text(bundle(name, read))
            replaced = {name: (bundled, name) for name in ENTRIES if name in paths}
            yield from super().post_process({**paths, **replaced}, dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Each content once: most files lie there twice, under their own name and under one made of their content."""
        same: dict[str, list[str]] = defaultdict(list)
        for path in sorted(paths):
            same[hashlib.sha256(Path(self.path(path)).read_bytes()).hexdigest()].append(path)
        twins = {first: others for first, *others in same.values()}
        for path, compressed in super().compress_files(twins):
            yield path, compressed
            for twin in twins[path]:
                shutil.copy2(self.path(compressed), self.path(twin + compressed.removeprefix(path)))
                yield twin, twin + compressed.removeprefix(path)
