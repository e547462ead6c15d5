"""Who may ask and who may write; what other sites can make a browser do; what is told of faults."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from anyio.from_thread import start_blocking_portal
from fastapi.testclient import TestClient

from dashboard import tokens as tokens_module
from dashboard.errors import ApiError
from dashboard.security import LARGEST_BODY
from dashboard.serving import ServeError, settings_of
from dashboard.settings import READ_TOKEN, WRITE_TOKEN, Settings
from dashboard.tokens import FREE_MISTAKES, LONGEST_WAIT, Tokens
from tests.dashboard.serving import READ, TOKENS, WRITE, browser, place_of

ABOUT, SESSION = "/api/v1/about", "/api/v1/session"
CASE = {"mention_id": "no:such"}


@pytest.fixture(scope="module")
def open_page(store: Path) -> TestClient:
    """A page that asks for no token."""
    return browser(store)


@pytest.fixture
def closed_page(store: Path) -> TestClient:
    """A page that asks for one."""
    return browser(store, read_token=READ, write_token=WRITE)


def bearer(token: str | bytes) -> dict[str, str | bytes]:
    return {"authorization": b"Bearer " + (token if isinstance(token, bytes) else token.encode())}


# --- names and origins -----------------------------------------------------
@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8765", "127.0.0.1:1", "127.9.9.9", "[::1]", "[::1]:8765"]
)
def test_this_machine_is_asked_by_its_own_names(open_page: TestClient, host: str) -> None:
    assert open_page.get(ABOUT, headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example", "localhost@evil.example", "evil@localhost",
        "192.168.1.5", "[::2]", "[::1", "localhost:port", "localhost/", "", " ", "[]", "*",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", ABOUT, "/static/main.js"])
def test_a_name_that_was_made_to_mean_this_machine_is_refused(
    open_page: TestClient, host: str, path: str
) -> None:
    answer = open_page.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["kind"] == "access"


def test_a_name_that_was_allowed_is_answered(store: Path) -> None:
    page = browser(store, hosts=["molva.example"])
    assert page.get(ABOUT, headers={"host": "Molva.example:443"}).status_code == 200
    assert page.get(ABOUT, headers={"host": "other.example"}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://localhost:9999"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"},
        {"sec-fetch-site": "same-site", "origin": "http://localhost:9999"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/v1/cases"), ("DELETE", SESSION)])
def test_other_sites_cannot_write(
    open_page: TestClient, headers: dict[str, str], method: str, path: str
) -> None:
    body = CASE if method == "POST" else None
    answer = open_page.request(method, path, headers=headers, json=body)
    assert answer.status_code == 403
    assert "another site" in answer.json()["error"]["message"]


def test_the_page_itself_and_programs_may_write(open_page: TestClient) -> None:
    same = {"sec-fetch-site": "same-origin", "origin": "http://localhost"}
    for headers in ({}, same, {"origin": "http://localhost"}):
        # It gets as far as looking for the mention.
        assert open_page.post("/api/v1/cases", json=CASE, headers=headers).status_code == 404


def test_other_sites_may_link_to_an_answer_but_not_ask_for_it(open_page: TestClient) -> None:
    site = {"sec-fetch-site": "cross-site"}
    link = site | {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert open_page.get(ABOUT, headers=link).status_code == 200
    for dest in ("iframe", "object", "embed"):
        # It tells its site when the answer has come, and so whether a search finds much.
        assert open_page.get(ABOUT, headers=link | {"sec-fetch-dest": dest}).status_code == 403
    for mode in ("no-cors", "cors"):
        assert open_page.get(ABOUT, headers=site | {"sec-fetch-mode": mode}).status_code == 403
    assert open_page.get("/", headers=site | {"sec-fetch-mode": "navigate"}).status_code == 200
    preflight = site | {
        "origin": "https://evil.example",
        "sec-fetch-mode": "cors",
        "access-control-request-method": "POST",
    }
    answer = open_page.options("/api/v1/cases", headers=preflight)
    assert answer.status_code == 403
    assert not any(name.startswith("access-control") for name in answer.headers)


# --- tokens ----------------------------------------------------------------
def test_without_a_token_nothing_is_answered_where_one_is_needed(closed_page: TestClient) -> None:
    for path in (ABOUT, "/api/v1/export", "/api/v1/nothing", "/api"):
        answer = closed_page.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert closed_page.post("/api/v1/cases", json=CASE).status_code == 401
    # What a browser has to have to sign in.
    assert closed_page.get("/").status_code == 200
    assert closed_page.get(SESSION).json() == {"access": None, "needs_token": True}


def test_the_read_token_reads_and_the_write_token_writes(closed_page: TestClient) -> None:
    assert closed_page.get(ABOUT, headers=bearer(READ)).json()["access"] == "read"
    assert closed_page.get(ABOUT, headers=bearer(WRITE)).json()["access"] == "write"
    refused = closed_page.post("/api/v1/cases", json=CASE, headers=bearer(READ))
    assert refused.status_code == 403
    assert "write token" in refused.json()["error"]["message"]
    assert closed_page.post("/api/v1/cases", json=CASE, headers=bearer(WRITE)).status_code == 404


def test_a_page_for_reading_lets_nobody_write(store: Path) -> None:
    closed = browser(store, write_token=WRITE, is_read_only=True)
    assert closed.post("/api/v1/cases", json=CASE, headers=bearer(WRITE)).status_code == 403
    assert browser(store, is_read_only=True).post("/api/v1/cases", json=CASE).status_code == 403


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "bearer ", "Bearer x", "x" * 9000])
def test_what_is_no_token_lets_nobody_in(closed_page: TestClient, header: str) -> None:
    assert closed_page.get(ABOUT, headers={"authorization": header}).status_code == 401


def test_a_token_may_have_any_letters(store: Path) -> None:
    token = "жетон-жетон-жетон"
    page = browser(store, read_token=token)
    assert page.get(ABOUT, headers=bearer(token.encode())).status_code == 200
    assert page.get(ABOUT, headers=bearer(b"\xff\xfe\xd0")).status_code == 401
    assert page.post(SESSION, json={"token": token}).status_code == 200
    assert page.post(SESSION, json={"token": token + "!"}).status_code == 401


def test_whoever_guesses_has_to_wait_and_nobody_else(store: Path) -> None:
    now = 1000.0
    tokens = Tokens(Settings(place_of(store), READ, WRITE), clock=lambda: now)
    for _ in range(FREE_MISTAKES):
        assert tokens.access(b"guess", "198.51.100.7") is None
    with pytest.raises(ApiError) as error:
        tokens.access(READ.encode(), "198.51.100.7")
    assert error.value.status == 429
    assert error.value.headers == {"retry-after": "1"}
    assert tokens.access(READ.encode(), "198.51.100.8") == "read"
    now += 1
    assert tokens.access(b"guess", "198.51.100.7") is None
    with pytest.raises(ApiError, match="wait 2 seconds"):
        tokens.access(b"guess", "198.51.100.7")
    for _ in range(20):
        now += LONGEST_WAIT
        assert tokens.access(b"guess", "198.51.100.7") is None
    now += LONGEST_WAIT
    assert tokens.access(WRITE.encode(), "198.51.100.7") == "write"
    # The right one makes good what was wrong before.
    assert tokens.access(b"guess", "198.51.100.7") is None
    assert tokens.access(READ.encode(), "198.51.100.7") == "read"


def test_mistakes_are_forgotten_and_those_of_many_addresses_do_not_fill_the_memory(
    store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    tokens = Tokens(Settings(place_of(store), READ, WRITE), clock=lambda: now)
    for number in range(FREE_MISTAKES):
        # Addresses of one network of IPv6 are one person's.
        assert tokens.access(b"guess", f"2001:db8::{number}") is None
    with pytest.raises(ApiError):
        tokens.access(b"guess", "2001:db8::ffff")
    assert tokens.access(b"guess", "2001:db8:0:1::1") is None
    assert tokens.access(b"guess", "::ffff:198.51.100.7") is None
    now += 3600
    assert tokens.access(b"guess", "2001:db8::ffff") is None
    assert tokens.access(b"guess", "2001:db8::ffff") is None
    monkeypatch.setattr(tokens_module, "_MOST_ADDRESSES", 3)
    for number in range(20):
        tokens.access(b"guess", f"198.51.100.{number}")
    assert len(tokens._mistakes) == 3


def test_guessing_is_slowed_down_however_it_is_done(closed_page: TestClient) -> None:
    for _ in range(FREE_MISTAKES - 1):
        assert closed_page.get(ABOUT, headers=bearer("guess")).status_code == 401
    assert closed_page.post(SESSION, json={"token": "guess"}).status_code == 401
    for answer in (
        closed_page.get(ABOUT, headers=bearer(READ)),
        closed_page.post(SESSION, json={"token": READ}),
    ):
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1


# --- sessions --------------------------------------------------------------
def test_a_browser_signs_in_and_out(closed_page: TestClient) -> None:
    answer = closed_page.post(SESSION, json={"token": WRITE})
    assert answer.json() == {"access": "write", "needs_token": True}
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("molva_session=")
    for attribute in ("HttpOnly", "Path=/", "SameSite=strict"):
        assert attribute.lower() in cookie.lower()
    assert WRITE not in cookie
    assert closed_page.get(ABOUT).json()["access"] == "write"
    number = closed_page.cookies["molva_session"]
    assert closed_page.delete(SESSION).status_code == 204
    assert not closed_page.cookies
    # Also for whoever has kept the number.
    closed_page.cookies.set("molva_session", number)
    assert closed_page.get(ABOUT).status_code == 401


def test_over_https_the_cookie_is_of_this_name_alone(store: Path) -> None:
    page = browser(store, read_token=READ, base_url="https://localhost")
    cookie = page.post(SESSION, json={"token": READ}).headers["set-cookie"]
    assert cookie.startswith("__Host-molva_session=")
    assert "; Secure" in cookie
    assert page.get(ABOUT).status_code == 200
    number = page.cookies["__Host-molva_session"]
    page.cookies.clear()
    # One that another name of the domain could have set does not count.
    page.cookies.set("molva_session", number)
    assert page.get(ABOUT).status_code == 401


def test_the_read_token_lets_a_browser_read(closed_page: TestClient) -> None:
    closed_page.post(SESSION, json={"token": READ})
    assert closed_page.get(ABOUT).json()["access"] == "read"
    assert closed_page.post("/api/v1/cases", json=CASE).status_code == 403


def test_a_session_ends_by_itself(closed_page: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_page.post(SESSION, json={"token": READ})
    import dashboard.sessions

    now = dashboard.sessions.time.monotonic()
    monkeypatch.setattr(dashboard.sessions.time, "monotonic", lambda: now + 12 * 3600 + 1)
    assert closed_page.get(ABOUT).status_code == 401


@pytest.mark.parametrize(
    "cookie", ["molva_session=x", "molva_session", ";;=;", "a=b; molva_session="]
)
def test_a_cookie_that_is_none_lets_nobody_in(closed_page: TestClient, cookie: str) -> None:
    assert closed_page.get(ABOUT, headers={"cookie": cookie}).status_code == 401


def test_signing_in_is_not_asked_for_where_nobody_has_to(open_page: TestClient) -> None:
    answer = open_page.post(SESSION, json={"token": "anything"})
    assert answer.json() == {"access": "write", "needs_token": False}
    assert "set-cookie" not in answer.headers


# --- what is sent ----------------------------------------------------------
def test_what_is_too_large_is_refused_before_it_is_read(open_page: TestClient) -> None:
    large = {"mention_id": "x", "note": "н" * LARGEST_BODY}
    answer = open_page.post("/api/v1/cases", json=large)
    assert answer.status_code == 413
    assert answer.json()["error"]["message"].endswith("send less")


def test_what_does_not_say_how_large_it_is_is_refused_while_it_is_read(
    open_page: TestClient,
) -> None:
    def parts() -> object:
        for _ in range(LARGEST_BODY // 1000 + 2):
            yield b" " * 1000

    answer = open_page.post(
        "/api/v1/cases", content=parts(), headers={"content-type": "application/json"}
    )
    assert answer.status_code == 413
    assert answer.json()["error"]["kind"] == "argument"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_only_json_is_taken(open_page: TestClient, kind: str | None) -> None:
    headers = {} if kind is None else {"content-type": kind}
    answer = open_page.post("/api/v1/cases", content=b'{"mention_id": "x"}', headers=headers)
    assert answer.status_code == 415


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"mention_id": "\\ud800"}', b"\xff\xfe", b"[" * 30000,
             b'{"mention_id": "x", "topics": {"\\ud800": "good"}}', b'{"mention_id": NaN}']
)  # fmt: skip
def test_what_is_not_what_was_asked_for_is_said_to_be_so(
    open_page: TestClient, body: bytes
) -> None:
    answer = open_page.post(
        "/api/v1/corrections", content=body, headers={"content-type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert answer.json()["error"]["kind"] == "argument"


# --- what is told ----------------------------------------------------------
def test_every_answer_forbids_a_browser_to_run_anything_else(open_page: TestClient) -> None:
    for path in ("/", "/static/main.js", "/nothing", ABOUT, "/api/v1/nothing"):
        headers = open_page.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert "accept-encoding" in headers["vary"].lower()
        assert headers["cache-control"] == ("no-store" if path.startswith("/api") else "no-cache")


def test_the_files_of_the_page_are_sent_once(open_page: TestClient) -> None:
    for path in ("/", "/search", "/static/main.js"):
        first = open_page.get(path)
        assert first.status_code == 200
        again = open_page.get(path, headers={"if-none-match": first.headers["etag"]})
        assert again.status_code == 304
        assert not again.content


@pytest.mark.parametrize("path", ["/", "/trends", "/static/main.js", ABOUT, "/api/v1/export"])
def test_head_is_get_without_the_body(open_page: TestClient, path: str) -> None:
    head, get = open_page.head(path), open_page.get(path)
    assert head.status_code == get.status_code == 200
    assert not head.content
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers.get("content-length") == get.headers.get("content-length")


def test_an_address_that_there_is_not(open_page: TestClient) -> None:
    for path in ("/api/v1/nothing", "/api/v2/about", "/api", f"{ABOUT}/"):
        answer = open_page.get(path)
        assert answer.status_code == 404
        assert answer.json()["error"]["kind"] == "missing"
    for path in ("/nothing", "/apiary", "/static/", "/static/../app.py", "/static/%2e%2e/app.py"):
        answer = open_page.get(path)
        assert answer.status_code == 404
        assert answer.headers["content-type"].startswith("text/plain")


def test_a_method_that_there_is_not(open_page: TestClient) -> None:
    answer = open_page.put(ABOUT)
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert answer.json()["error"]["kind"] == "argument"
    assert open_page.put(SESSION).headers["allow"] == "GET, POST, DELETE"


def test_no_secret_is_told_to_anyone(
    store: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    settings = settings_of(place_of(store), "127.0.0.1", environment=TOKENS)
    page = browser(store, read_token=READ, write_token=WRITE)
    told = [repr(settings), page.get("/api/v1/openapi.json").text]
    told.append(page.post(SESSION, json={"token": WRITE, "more": WRITE}).text)
    told.append(page.post(SESSION, json={"token": [WRITE]}).text)
    told.append(page.post(SESSION, json={"token": WRITE * 100}).text)
    page.post(SESSION, json={"token": WRITE})
    number = page.cookies["molva_session"]

    def break_down(*_arguments: object) -> None:
        raise RuntimeError("a fault in the middle of an answer")

    monkeypatch.setattr("dashboard.api.about.load", break_down)
    fault = page.get(f"{ABOUT}?token={READ}", headers=bearer(WRITE))
    assert fault.status_code == 500
    assert fault.json()["error"]["kind"] == "fault"
    assert "content-security-policy" in fault.headers
    # The test's own client logs what it asks.
    logged = [one for one in caplog.records if not one.name.startswith("http")]
    assert any("a fault in the middle" in (one.exc_text or "") for one in logged)
    told += [fault.text, *(f"{one.getMessage()} {one.exc_text}" for one in logged)]
    for text in told:
        for secret in (READ, WRITE, number):
            assert secret not in text


def test_websockets_are_refused(open_page: TestClient) -> None:
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {"type": "websocket", "path": "/api/v1/about", "headers": [(b"host", b"localhost")]}
    # In a thread of its own: a browser of other tests may keep a loop in this one.
    with start_blocking_portal() as portal:
        portal.call(open_page.app, scope, receive, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


# --- how it may be served --------------------------------------------------
@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "molva.example"])
def test_beyond_this_machine_a_token_is_demanded(store: Path, host: str) -> None:
    place = place_of(store)
    with pytest.raises(ServeError, match=READ_TOKEN):
        settings_of(place, host, environment={})
    assert settings_of(place, host, environment={READ_TOKEN: READ}).needs_token


def test_behind_a_proxy_a_token_is_demanded_too(store: Path) -> None:
    with pytest.raises(ServeError, match=r"molva\.example can be reached"):
        settings_of(place_of(store), "127.0.0.1", ["molva.example"], environment={})


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_on_this_machine_it_is_not(store: Path, host: str) -> None:
    assert not settings_of(place_of(store), host, environment={}).needs_token


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({READ_TOKEN: "short"}, "fewer than 16"),
        ({READ_TOKEN: READ, WRITE_TOKEN: READ}, "are the same"),
        ({READ_TOKEN: READ, f"{READ_TOKEN}_FILE": "x"}, "keep one"),
        ({f"{READ_TOKEN}_FILE": "no-such-file"}, "cannot be read"),
        ({READ_TOKEN: READ + "\nx-injected: 1"}, "line break"),
    ],
)
def test_tokens_that_cannot_be_used(store: Path, environment: dict[str, str], message: str) -> None:
    from mention import UserError

    with pytest.raises(UserError, match=message) as error:
        settings_of(place_of(store), "127.0.0.1", environment=environment)
    assert READ not in str(error.value)


def test_a_token_may_stand_in_a_file_that_nobody_else_may_read(store: Path, tmp_path: Path) -> None:
    from mention import UserError

    file = tmp_path / "token"
    file.write_text(WRITE + "\n")
    file.chmod(0o640)
    environment = {f"{WRITE_TOKEN}_FILE": str(file)}
    with pytest.raises(UserError, match="chmod 600"):
        settings_of(place_of(store), "127.0.0.1", environment=environment)
    file.chmod(0o600)
    settings = settings_of(place_of(store), "127.0.0.1", environment=environment)
    assert settings.write_token == WRITE


def test_names_are_taken_as_browsers_send_them(store: Path) -> None:
    names = ["Молва.example", "Molva.Example", "2001:DB8:0::1"]
    settings = settings_of(place_of(store), "127.0.0.1", names, environment=TOKENS)
    assert settings.hosts == ("127.0.0.1", "xn--80ad0adk.example", "molva.example", "2001:db8::1")
    page = browser(store, read_token=READ, hosts=settings.hosts)
    assert page.get(SESSION, headers={"host": "[2001:db8::1]:8765"}).status_code == 200


@pytest.mark.parametrize("name", ["https://molva.example", "molva.example:443", "", "*", "a b"])
def test_what_is_no_name_is_refused(store: Path, name: str) -> None:
    with pytest.raises(ServeError, match="not a name"):
        settings_of(place_of(store), "127.0.0.1", [name], environment=TOKENS)


def test_at_every_address_every_name_is_answered_unless_some_are_given(store: Path) -> None:
    anywhere = settings_of(place_of(store), "0.0.0.0", environment=TOKENS)
    page = browser(store, read_token=READ, hosts=anywhere.hosts)
    assert page.get(SESSION, headers={"host": "any.example"}).status_code == 200
    named = settings_of(place_of(store), "0.0.0.0", ["one.example"], environment=TOKENS)
    page = browser(store, read_token=READ, hosts=named.hosts)
    assert page.get(SESSION, headers={"host": "one.example"}).status_code == 200
    assert page.get(SESSION, headers={"host": "any.example"}).status_code == 403
