"""The Elasticsearch back-end: documents, mapping, aliases, sending, and answering queries.

The package `elasticsearch` is imported only by modules of this folder, and these only by
commands that use a cluster, so that everyone else neither waits for it nor needs it.
"""
