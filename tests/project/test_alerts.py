"""Alert rules and their receivers in the project file: what is read and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

import project
from project.alerts import AlertRule
from project.delivery import AlertOutput

RULE = '[[alerts]]\nname = "a"\n'


def load(folder: Path, text: str) -> project.Project:
    file = folder / "molva.toml"
    file.write_text(text, encoding="utf-8")
    return project.load(file)


def test_a_rule_has_defaults_and_takes_every_setting(tmp_path: Path) -> None:
    rules = load(
        tmp_path,
        RULE
        + """
        [[alerts]]
        name = "Share of complaints"
        query = "source:shop очередь"
        kind = "threshold"
        measure = "share_negative"
        above = 0.4
        topics = ["delivery", "parking", "delivery"]
        split = "location"
        window = 7
        minimum = 20
        cooldown = 14
        severity = "critical"
        [[alerts]]
        name = "Everything"
        topics = "overall"
        polarity = "any"
        [topics.parking]
        examples = "parking.jsonl"
        """,
    ).alerts
    assert rules == (
        AlertRule("a"),
        AlertRule(
            "Share of complaints",
            query="source:shop очередь",
            kind="threshold",
            topics=("delivery", "parking"),
            split="location",
            window=7,
            minimum=20,
            cooldown=14,
            severity="critical",
            measure="share_negative",
            above=0.4,
        ),
        AlertRule("Everything", topics=(), polarity="any"),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[alerts]\nname = 'a'", "[[alerts]]"),
        ("[[alerts]]\nquery = 'a'", "alert rule 1 needs a name"),
        (RULE + RULE, "twice"),
        (RULE + "windows = 3", "did you mean 'window'"),
        (RULE + "query = 'очередь AND (грубо'", "of the query)"),
        (RULE + "query = 'topic:sped'", "speed"),
        (RULE + "topics = ['delivry']", "did you mean 'delivery'"),
        (RULE + "topics = 'delivery'", '"overall"'),
        (RULE + "topics = []", '"overall"'),
        (RULE + "kind = 'peak'", "spike, threshold"),
        (RULE + "polarity = 'bad'", "negative, positive, any"),
        (RULE + "split = 'city'", "brand, source, location, product"),
        (RULE + "window = 0", "from 1 to 31"),
        (RULE + "window = true", "from 1 to 31"),
        (RULE + "cooldown = -1", "from 0 to 366"),
        (RULE + "severity = 'high'", "info, warning, critical"),
        (RULE + "above = 5", 'kind = "threshold"'),
        (RULE + "kind = 'threshold'", "above or below"),
        (RULE + "kind = 'threshold'\nabove = 1\nbelow = 2", "one of the two"),
        (RULE + "kind = 'threshold'\nabove = '5'", "above of count is a number"),
        (RULE + "kind = 'threshold'\nabove = nan", "above of count is a number not below 0"),
        (
            RULE + "kind = 'threshold'\nmeasure = 'share_negative'\nabove = 40",
            "above of share_negative is a number from 0 to 1",
        ),
        (
            RULE + "kind = 'threshold'\nmeasure = 'net_sentiment'\nbelow = 0\npolarity = 'any'",
            "remove polarity",
        ),
        ("alerts_delivery = 5", "[alerts_delivery.its_name]"),
        ("[alerts_delivery.Chat]\nto = 'slack'", "small Latin letters"),
        ("[alerts_delivery.chat]\nto = 'sms'", "webhook, email, slack, telegram"),
        ("[alerts_delivery.chat]\nto = 'slack'\nurl = 'https://a'", "MOLVA_ALERTS_CHAT_URL"),
        ("[alerts_delivery.bot]\nto = 'telegram'\ntoken = 'a'", "MOLVA_ALERTS_BOT_TOKEN"),
        ("[alerts_delivery.bot]\nto = 'telegram'", "needs chat"),
        ("[alerts_delivery.hook]\nto = 'webhook'", "needs url"),
        ("[alerts_delivery.hook]\nto = 'webhook'\nurl = 'http://example.org'", "https://"),
        ("[alerts_delivery.hook]\nto = 'webhook'\nhost = 'a'", "no setting of"),
        ("[alerts_delivery.office]\nto = 'email'\nhost = 'a'", "needs sender"),
        ("[alerts_delivery.office]\nto = 'email'\nsecurity = 'none'", "in the clear"),
        ("[alerts_delivery.office]\nto = 'email'\nport = 0", "1 to 65535"),
        ("[alerts_delivery.office]\nto = 'email'\nrecipients = 'a@b'", "recipients"),
    ],
)
def test_each_mistake_is_one_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(project.ProjectError) as caught:
        load(tmp_path, text)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_outputs_are_read_with_the_variable_of_their_secret(tmp_path: Path) -> None:
    outputs = load(
        tmp_path,
        """
        [alerts_delivery.office]
        to = "email"
        host = "mail.example.org"
        sender = "molva@example.org"
        recipients = ["service@example.org"]
        security = "ssl"
        ca_file = "ca.pem"
        severity = "warning"
        [alerts_delivery.phone]
        to = "telegram"
        chat = -100
        """,
    ).alerts_delivery
    assert outputs == (
        AlertOutput(
            "office",
            "email",
            severity="warning",
            ca_file=tmp_path / "ca.pem",
            host="mail.example.org",
            port=465,
            security="ssl",
            sender="molva@example.org",
            recipients=("service@example.org",),
        ),
        AlertOutput("phone", "telegram", port=587, chat="-100"),
    )
    assert [one.variable for one in outputs] == [
        "MOLVA_ALERTS_OFFICE_PASSWORD",
        "MOLVA_ALERTS_PHONE_TOKEN",
    ]
    assert not outputs[0].takes("info")
    assert outputs[0].takes("critical")
