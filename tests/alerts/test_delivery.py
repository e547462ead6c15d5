"""Sending alerts to servers on this machine: what they get, and what happens when they fail."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from answers.alerts.messages import Evidence, Message
from index import open_store
from index.alert_log import LEASE
from output.alerts import web
from output.alerts.texts import plain_text, slack_payload, telegram_payload
from tests.alerts.conftest import PROJECT, Molva
from tests.alerts.mail_server import mail_server
from tests.alerts.test_command import look, on, plant
from tests.crawlers.loopback import Answer, Asked, Loopback, Route

SECRET = base64.b64encode(bytes(range(32))).decode()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "_BACKOFF", 0.0)


def configure(calm: Path, text: str) -> None:
    (calm.parent / "molva.toml").write_text(PROJECT + text, encoding="utf-8")


def hook(server: Loopback, name: str = "hook") -> str:
    return f'\n[alerts_delivery.{name}]\nto = "webhook"\nurl = "{server.url}/{name}"\n'


def test_a_webhook_gets_the_alert_once_with_a_signature(
    molva: Molva, calm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOLVA_ALERTS_HOOK_SECRET", f"whsec_{SECRET}")
    plant(calm)
    with Loopback({"POST /hook": Answer("ok")}) as server:
        configure(calm, hook(server))
        assert look(molva, *on(), code=4)["waiting"] == 1
        sent = look(molva, "--deliver", *on())
        look(molva, "--deliver", *on())
    assert sent["deliveries"] == [{"output": "hook", "sent": 1, "error": None}]
    (asked,) = server.asked
    body = json.loads(asked.body)
    headers = {name.lower(): value for name, value in asked.headers.items()}
    assert (body["event"], body["topic"]) == ("fired", "delivery")
    assert headers["webhook-id"] == body["id"]
    signed = f"{body['id']}.{headers['webhook-timestamp']}.".encode() + asked.body
    expected = hmac.digest(bytes(range(32)), signed, hashlib.sha256)
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(expected).decode()}"


def test_the_signature_is_that_of_the_specification() -> None:
    """The example of https://github.com/standard-webhooks/standard-webhooks, verifying webhooks."""
    signature = web.sign(
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "1614265330",
        b'{"test": 2432232314}',
        "MOLVA_ALERTS_HOOK_SECRET",
    )
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_one_failing_output_stops_no_other_and_is_tried_again(molva: Molva, calm: Path) -> None:
    plant(calm)
    failing = [Answer("", 503)] * 3 + [Answer("", 404), Answer("ok")]
    with Loopback({"POST /bad": failing, "POST /good": Answer("ok")}) as server:
        configure(calm, hook(server, "bad") + hook(server, "good"))
        first = look(molva, "--deliver", *on(), code=3)
        second = look(molva, "--deliver", *on(), code=3)
        third = look(molva, "--deliver", *on())
    errors = [one["deliveries"][0]["error"] for one in (first, second, third)]
    assert errors == ["127.0.0.1 answered 503", "127.0.0.1 answered 404", None]
    assert [one["deliveries"][1]["sent"] for one in (first, second, third)] == [1, 0, 0]
    assert first["waiting"] == second["waiting"] == 1
    assert third["waiting"] == 0
    ids = {json.loads(asked.body)["id"] for asked in server.asked}
    assert len(ids) == 1, "an event keeps its id"


def test_a_redirect_is_not_followed(molva: Molva, calm: Path) -> None:
    plant(calm)
    away = Answer("", 307, {"Location": "/elsewhere"})
    with Loopback({"POST /hook": away, "POST /elsewhere": Answer("ok")}) as server:
        configure(calm, hook(server))
        answer = look(molva, "--deliver", *on(), code=3)
    assert answer["deliveries"][0]["error"] == "127.0.0.1 answered 307"
    assert server.paths == ["/hook"]


def test_outputs_take_what_is_severe_enough(molva: Molva, calm: Path) -> None:
    plant(calm)
    with Loopback({"POST /hook": Answer("ok")}) as server:
        configure(calm, hook(server) + 'severity = "critical"\n')
        look(molva, "--deliver", *on(), code=4)
    assert server.asked == []


def test_chats_get_escaped_text(molva: Molva, calm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(calm, text="<!channel> <b>опоздали</b> & @all")
    routes: dict[str, Route] = {
        "POST /secret-path": Answer("ok"),
        "POST /bot42:ABC/sendMessage": Answer("{}"),
    }
    with Loopback(routes) as server:
        monkeypatch.setenv("MOLVA_ALERTS_TEAM_URL", f"{server.url}/secret-path")
        monkeypatch.setenv("MOLVA_ALERTS_PHONE_TOKEN", "42:ABC")
        configure(
            calm,
            f"""
            [alerts_delivery.team]
            to = "slack"
            [alerts_delivery.phone]
            to = "telegram"
            chat = -100
            url = "{server.url}"
            """,
        )
        answer = look(molva, "--deliver", *on(), code=4)
    assert [one["error"] for one in answer["deliveries"]] == [None, None]
    slack, telegram = (json.loads(asked.body) for asked in server.asked)
    assert "«&lt;!channel&gt; &lt;b&gt;опоздали&lt;/b&gt; &amp; @\u200ball»" in slack["text"]
    assert slack["mrkdwn"] is False
    assert "<code>«&lt;!channel&gt; &lt;b&gt;опоздали&lt;/b&gt; &amp; @all»" in telegram["text"]
    assert telegram["chat_id"] == "-100"


def test_errors_tell_no_secrets(molva: Molva, calm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(calm)
    monkeypatch.setenv("MOLVA_ALERTS_TEAM_URL", "http://127.0.0.1:9/secret-path")
    monkeypatch.setenv("MOLVA_ALERTS_PHONE_TOKEN", "42:ABC")
    monkeypatch.setenv("MOLVA_ALERTS_HOOK_SECRET", "too short")
    configure(
        calm,
        """
        [alerts_delivery.team]
        to = "slack"
        [alerts_delivery.other]
        to = "slack"
        [alerts_delivery.phone]
        to = "telegram"
        chat = 1
        url = "http://127.0.0.1:9"
        [alerts_delivery.hook]
        to = "webhook"
        url = "http://127.0.0.1:9/"
        """,
    )
    result = molva("alerts", "--deliver", *on(), code=3)
    assert "team: not sent, the next run tries again: 127.0.0.1 cannot be" in result.output
    assert "set MOLVA_ALERTS_OTHER_URL" in result.output
    assert "MOLVA_ALERTS_HOOK_SECRET is no secret for webhooks" in result.output
    for secret in ("secret-path", "42:ABC", "too short"):
        assert secret not in result.output
        with sqlite3.connect(calm) as connection:
            errors = connection.execute("SELECT group_concat(error) FROM alert_delivery").fetchone()
        connection.close()
        assert secret not in errors[0]


def test_a_server_that_nobody_vouches_for_gets_nothing(
    molva: Molva, calm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(calm)
    monkeypatch.setenv("MOLVA_ALERTS_OFFICE_PASSWORD", "sesame")
    with mail_server(tmp_path) as (port, _authority, mailbox):
        configure(calm, office(port))
        answer = look(molva, "--deliver", *on(), code=3)
    assert "SSLCertVerificationError" in answer["deliveries"][0]["error"]
    assert mailbox.mails == []
    assert mailbox.passwords == []


def office(port: int, more: str = "") -> str:
    return f"""
    [alerts_delivery.office]
    to = "email"
    host = "localhost"
    port = {port}
    user = "molva"
    sender = "Molva <molva@example.org>"
    recipients = ["service@example.org", "lead@example.org"]
    {more}
    """


def test_a_mail_is_sent_over_tls_after_a_login(
    molva: Molva, calm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    plant(calm, text="Доставка опоздала.\n\nBcc: all@example.org")
    monkeypatch.setenv("MOLVA_ALERTS_OFFICE_PASSWORD", "wrong")
    with mail_server(tmp_path) as (port, authority, mailbox):
        configure(calm, office(port, f'ca_file = "{authority.name}"'))
        refused = look(molva, "--deliver", *on(), code=3)
        monkeypatch.setenv("MOLVA_ALERTS_OFFICE_PASSWORD", "sesame")
        look(molva, "--deliver", *on())
        molva("alerts", "--digest", "week", "--deliver", *on())
    assert refused["deliveries"][0]["error"] == (
        "the mail server localhost refuses molva; check MOLVA_ALERTS_OFFICE_PASSWORD"
    )
    alert, digest = mailbox.mails
    assert alert["Subject"] == "[warning] More complaints about delivery than usual: Парус"
    assert alert["To"] == "service@example.org, lead@example.org"
    assert alert["Message-ID"].endswith("-fired@example.org>")
    assert alert["Bcc"] is None
    assert "«Доставка опоздала. Bcc: all@example.org»" in alert.get_content()
    assert digest["Subject"].startswith("[warning] Alerts from 2026-05-25 to 2026-05-31: 1 new")


def forget_claims(calm: Path) -> None:
    """Let the time pass after which a process that sends is taken to be gone."""
    with sqlite3.connect(calm) as connection:
        connection.execute(
            "UPDATE alert_delivery SET claimed_at = claimed_at - ?",
            (int(LEASE.total_seconds() * 1_000_000),),
        )
    connection.close()


def test_a_process_that_is_killed_while_it_sends_loses_nothing(molva: Molva, calm: Path) -> None:
    plant(calm)
    go_on = threading.Event()

    def hold(_asked: Asked, before: int) -> Answer:
        if before == 0:
            go_on.wait(30)
        return Answer("ok")

    with Loopback({"POST /hook": hold}) as server:
        configure(calm, hook(server))
        with subprocess.Popen(
            [sys.executable, "-m", "cli", "alerts", "--deliver", *on()],
            cwd=calm.parent,
            env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        ) as process:
            while not server.asked and process.poll() is None:
                time.sleep(0.01)
            process.kill()
        go_on.set()
        assert len(server.asked) == 1, "it was killed while the receiver had not answered"
        alive = look(molva, "--deliver", *on())
        assert (alive["new"], alive["waiting"]) == ([], 1), "it may still be at it"
        forget_claims(calm)
        assert look(molva, "--deliver", *on())["waiting"] == 0
    first, second = (json.loads(asked.body)["id"] for asked in server.asked)
    assert first == second, "the receiver can tell that it has it already"


def test_two_processes_send_an_event_once(calm: Path, molva: Molva) -> None:
    plant(calm)
    with Loopback() as server:
        configure(calm, hook(server))
        look(molva, *on(), code=4)
    with open_store(calm) as one, open_store(calm) as other:
        assert one.alert_log().claim("hook") is not None
        assert other.alert_log().claim("hook") is None


def message(text: str, lines: int = 1) -> Message:
    evidence = Evidence("shop:1", text, 0.9, "shop", date(2026, 5, 31), None)
    return Message(
        id="1-fired",
        kind="fired",
        severity="info",
        title="More",
        lines=(text,) * lines,
        evidence=(evidence,),
        query="очередь 'долго'",
        record={},
    )


def test_long_messages_are_cut_to_what_receivers_take() -> None:
    long: list[dict[str, Any]] = [
        telegram_payload(message("<&" * 4000, 40), "1"),
        slack_payload(message("<&" * 4000, 400)),
    ]
    plain = long[0]["text"].replace("&lt;", "<").replace("&amp;", "&")
    for tag in ("<b>", "</b>", "<code>", "</code>"):
        plain = plain.replace(tag, "")
    assert len(plain) <= 4096
    assert long[0]["text"].count("<code>") == long[0]["text"].count("</code>")
    assert len(long[1]["text"]) <= 40_000


def test_a_query_is_quoted_for_the_shell() -> None:
    assert "molva search 'очередь '\\''долго'\\'''" in plain_text(message("Долго."))
