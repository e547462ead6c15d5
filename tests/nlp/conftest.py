import pytest

from nlp.tagger import Tagger


@pytest.fixture(scope="session")
def tagger():
    """The shipped model, loaded once."""
    return Tagger.load("default")
