from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Static files under content-hashed names, the `import` lines of ES modules included."""

    support_js_module_import_aggregation = True
