"""How static files are stored when they are served in earnest."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Compressed, named by content, and with the imports of our JavaScript modules named like that too."""

    support_js_module_import_aggregation = True
