"""The project file `molva.toml`: where the store is, which brands and sources, whose time zone.

Read with the standard library's TOML parser and checked whole: an unknown or
misspelt setting is an error that names it, never silently ignored. Secrets do
not belong in this file; spiders take them from the environment.
"""

from project.alerts import AlertRule
from project.checks import ProjectError
from project.delivery import AlertOutput
from project.file import DEFAULT_FILE, DEFAULT_STORE, Cluster, Project, load
from project.sources import Brand, Source
from project.template import TEMPLATE

__all__ = [
    "DEFAULT_FILE",
    "DEFAULT_STORE",
    "TEMPLATE",
    "AlertOutput",
    "AlertRule",
    "Brand",
    "Cluster",
    "Project",
    "ProjectError",
    "Source",
    "load",
]
