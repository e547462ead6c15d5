"""What every test may ask for."""

import os

from hypothesis import settings

from tests.elasticsearch.fixtures import elasticsearch_url, secured_server

__all__ = ["elasticsearch_url", "secured_server"]

# How long an example takes tells of the machine, not of the code.
settings.register_profile("molva", settings(), deadline=None)
settings.load_profile("molva")

# A test that tags must not be answered by what an earlier run said (nlp/answer_cache.py).
os.environ["MOLVA_TAG_CACHE"] = "off"
