"""The schema's history. Part of the installed package: `exam_api.store.migrate` runs it."""
