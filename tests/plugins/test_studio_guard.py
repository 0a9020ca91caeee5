"""What the page's server lets through."""

import asyncio

import pytest

from nijigan.studio.guard import Guard

SECRET, PORT = "s3cret-of-the-page", 7860
OWN = {"host": f"127.0.0.1:{PORT}"}


async def application(scope, receive, send):
    headers = [(b"content-type", b"text/html"), (b"referrer-policy", b"unsafe-url")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"the page"})


def ask(path, method="GET", kind="http", guard=None, **headers):
    """Return status, headers and body."""
    sent = []

    async def send(message):
        sent.append(message)

    given = {**OWN, **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": kind,
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }
    asyncio.run((guard or Guard(application, SECRET, PORT))(scope, None, send))
    return sent[0]["status"], sent[0]["headers"], sent[1]["body"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("GET", "config"),
        ("GET", "theme.css"),
        ("GET", "assets/index.js"),
        ("GET", "shown/abc/draw/0/drawn.png"),
        ("GET", "gradio_api/heartbeat/abc"),
        ("POST", "gradio_api/upload"),
        ("POST", "gradio_api/run/predict"),
    ],
)
def test_what_the_page_is_made_of(method, path):
    status, _, body = ask(f"/{SECRET}/{path}", method)
    assert (status, body) == (200, b"the page")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "gradio_api/file=/etc/passwd"),
        ("GET", "gradio_api/file=https://example.com/"),
        ("GET", "gradio_api/proxy=https://example.hf.space/"),
        ("GET", "file=/etc/passwd"),
        ("GET", "shown/../../etc/passwd"),
        ("GET", "uploads/x"),
        ("GET", "monitoring"),
        ("GET", "gradio_api/token"),
        ("POST", "gradio_api/run/draw"),
        ("POST", "gradio_api/call/draw"),
        ("GET", "gradio_api/queue/data"),
        ("POST", "gradio_api/queue/join"),
        ("POST", "gradio_api/component_server"),
        ("POST", "gradio_api/process_recording"),
        ("POST", ""),
        ("DELETE", ""),
        ("OPTIONS", "gradio_api/upload"),
    ],
)
def test_what_it_does_not_need(method, path):
    status, _, body = ask(f"/{SECRET}/{path}", method)
    assert (status, body) == (403, b"No such page.\n")


@pytest.mark.parametrize(
    "path", ["/", "", f"/{SECRET}", f"/{SECRET}x/", "/other/", "/other/config"]
)
def test_without_the_secret(path):
    status, _, body = ask(path)
    assert status == 403
    assert b"all of it" in body


@pytest.mark.parametrize("host", ["evil.example:7860", "127.0.0.1", "127.0.0.1:7861", ""])
def test_a_name_that_was_made_to_mean_this_machine(host):
    status, _, body = ask(f"/{SECRET}/", host=host)
    assert (status, body) == (403, b"The page is at 127.0.0.1 alone.\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"http://127.0.0.1:{PORT + 1}"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_another_page_that_knows_the_secret(headers):
    status, _, body = ask(f"/{SECRET}/gradio_api/upload", "POST", **headers)
    assert (status, body) == (403, b"Other pages may not call this one.\n")


def test_the_page_itself_calls():
    for origin in (f"http://127.0.0.1:{PORT}", f"http://localhost:{PORT}"):
        headers = {"origin": origin, "sec_fetch_site": "same-origin"}
        assert ask(f"/{SECRET}/gradio_api/upload", "POST", **headers)[0] == 200


def test_nothing_but_http():
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "websocket", "path": f"/{SECRET}/", "headers": []}
    asyncio.run(Guard(application, SECRET, PORT)(scope, None, send))
    assert sent[0] == {"type": "websocket.close", "code": 1008}


@pytest.mark.parametrize("path", [f"/{SECRET}/", "/"])
def test_every_answer_forbids_what_is_elsewhere(path):
    headers = dict(ask(path)[1])
    policy = dict(
        part.split(" ", 1) for part in headers[b"content-security-policy"].decode().split("; ")
    )
    assert policy["default-src"] == policy["frame-ancestors"] == "'none'"
    assert not any("http" in sources or "*" in sources for sources in policy.values())
    assert headers[b"referrer-policy"] == b"no-referrer"


def test_a_ticket_leads_to_the_page_once():
    guard = Guard(application, SECRET, PORT)
    assert ask(f"/{guard.ticket}", "POST", guard=guard)[0] == 403
    status, headers, _ = ask(f"/{guard.ticket}", guard=guard)
    assert (status, dict(headers)[b"location"]) == (303, f"/{SECRET}/".encode())
    assert ask(f"/{guard.ticket}", guard=guard)[0] == 403
    assert ask(f"/{Guard(application, SECRET, PORT).ticket}", guard=guard)[0] == 403
    assert ask(f"/{SECRET}/", guard=guard)[0] == 200
