"""The project file: what is read, what is refused and how the error reads."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

import project


def write(folder: Path, text: str) -> Path:
    file = folder / "molva.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_example_is_what_init_writes_and_is_valid(tmp_path: Path) -> None:
    example = Path(project.__file__).parents[1] / "molva.example.toml"
    assert example.read_text(encoding="utf-8") == project.TEMPLATE
    loaded = project.load(write(tmp_path, project.TEMPLATE))
    assert [source.spider for source in loaded.sources] == ["app_store", "schema_org", "rss", "rss"]
    assert loaded.sources[3].arguments["url"].count(",") == 1
    assert [(brand.name, brand.own) for brand in loaded.brands] == [
        ("Парус", True),
        ("Маяк", False),
    ]
    assert loaded.brands[0].spellings == ("Парус", "Parus", "«Парус»")
    assert loaded.sources[0].every == timedelta(hours=6)
    assert loaded.time_zone == "Europe/Vilnius"


def test_store_is_the_option_then_the_variable_then_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOLVA_STORE", raising=False)
    file = write(tmp_path, 'store = "data/a.sqlite"')
    assert project.load(file).store == tmp_path / "data" / "a.sqlite"
    monkeypatch.setenv("MOLVA_STORE", "/elsewhere/b.sqlite")
    assert project.load(file).store == Path("/elsewhere/b.sqlite")
    assert project.load(file, Path("c.sqlite")).store == Path("c.sqlite")


def test_without_a_project_file_there_are_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MOLVA_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    loaded = project.load()
    assert loaded.store == Path("molva.sqlite")
    assert loaded.file is None
    assert not loaded.store_author_names


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("store = ", "not valid TOML"),
        ('stroe = "a"', "did you mean 'store'"),
        ('time_zone = "Mars/Olympus"', "is not a time zone"),
        ("store = 5", "store is a text in quotes"),
        ('store_author_names = "yes"', "true or false"),
        ("[[sources]]\nid = 1", "source 1 names no spider"),
        ("[sources]\nspider = 'rss'", "[[sources]]"),
        ('[[sources]]\nspider = "rss"\nurl = { a = 1 }', "'url' of source 1"),
        ("brands = 'Парус'", "[[brands]]"),
        ("[[brands]]\nown = true", "brand 1 needs a name"),
        ("[[brands]]\nname = 'a'\nspelling = 'b'", "did you mean 'spellings'"),
        ("[[brands]]\nname = 'a'\nspellings = 'b'", "write spellings of brand 'a'"),
        ("[[brands]]\nname = 'a'\nspellings = ['']", "none empty"),
        ("[[brands]]\nname = 'a'\nown = 'yes'", "own is true or false"),
        ("[[brands]]\nname = 'a'\n[[brands]]\nname = 'a'", "twice"),
        ("[[sources]]\nspider = 'rss'\nevery = '1 day'", '"6h"'),
        ("[[sources]]\nspider = 'rss'\nevery = '0d'", '"6h"'),
        ("[[sources]]\nspider = 'rss'\nevery = 3", '"6h"'),
        ("[[sources]]\nspider = 'vk'\nquery = '{spelling}'", "[[brands]]"),
        ("[[sources]]\nspider = 'vk'\nbrands = 'all'", "[[brands]]"),
        (
            "[[brands]]\nname = 'Маяк'\n[[sources]]\nspider = 'vk'\nbrands = ['Маяг']",
            "did you mean 'Маяк'",
        ),
        ("[[brands]]\nname = 'a'\n[[sources]]\nspider = 'vk'\nbrands = 5", "list of names"),
        (
            "[[brands]]\nname = 'a'\n[[sources]]\nspider = 'vk'\nbrands = 'all'\nbrand = 'a'",
            "both brand and brands",
        ),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(project.ProjectError) as caught:
        project.load(write(tmp_path, text))
    assert says in str(caught.value)
    assert "\n" not in str(caught.value).strip() or "TOML" in str(caught.value)


def test_a_named_project_file_must_exist(tmp_path: Path) -> None:
    with pytest.raises(project.ProjectError, match="molva init"):
        project.load(tmp_path / "absent.toml")
