import pytest

from nlp.taxonomy import LANGUAGES, check_topics, codes, load, names


def test_fifteen_topics_with_names_and_definitions_in_three_languages():
    taxonomy = load()
    assert len(taxonomy.topics) == len(set(codes())) == 15
    for topic in taxonomy.topics:
        for language in LANGUAGES:
            assert topic.names[language].strip()
            assert topic.definitions[language].endswith(".")


def test_names_differ_within_a_language():
    for language in LANGUAGES:
        assert len(set(names(language).values())) == 15


def test_unknown_topics_are_refused_with_the_known_ones():
    assert check_topics(["speed", "price", "speed"]) == ("speed", "price")
    with pytest.raises(ValueError, match=r"no topic 'sped'.*speed"):
        check_topics(["sped"])
    with pytest.raises(KeyError, match="no topic"):
        load()["nothing"]


def test_a_topic_without_a_lithuanian_name_is_refused(tmp_path):
    path = tmp_path / "taxonomy.yaml"
    path.write_text(
        "version: '1'\ntopics:\n  speed:\n    name: {ru: а, en: b}\n"
        "    definition: {ru: а, en: b, lt: c}\n",
        encoding="utf-8",
    )
    with pytest.raises(ValueError, match="'speed' needs a name"):
        load(path)
