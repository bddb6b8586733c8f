import asyncio
import datetime
import ipaddress
import socket
import ssl

import pytest
from aiohttp import ClientSession, web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIMIT_S = 0.3


@pytest.fixture
def tls(tmp_path):
    """A server's side of TLS, with a certificate that nobody trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, host = datetime.datetime.now(datetime.UTC), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + datetime.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([host]), critical=True)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = tmp_path / "server.pem"
    file.write_bytes(secret + made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    return context


@pytest.fixture
def proxied(monkeypatch, slack):
    def through(port):
        monkeypatch.setenv("HTTPS_PROXY", f"http://ana:geheim@127.0.0.1:{port}")

    return through


async def problem(found, settings, check="network", **options):
    [(verdict, words)] = (await found(settings, **options))[check]
    assert verdict == "problem"
    return words


# The network


async def test_a_port_where_nothing_listens(setup, found, closed_port):
    told = await problem(found, setup(slack_api_url=f"http://127.0.0.1:{closed_port}/api/"))
    assert told.startswith(f"127.0.0.1:{closed_port} refuses connections; ")


async def test_a_name_that_nobody_knows(setup, found, monkeypatch):
    def unknown(*args, **kwargs):
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    told = await problem(found, setup(slack_api_url="https://slack.invalid/api/"))
    assert told.startswith("The name slack.invalid cannot be looked up; ")


async def test_a_network_without_a_way(setup, found, monkeypatch):
    async def unreachable(*args, **kwargs):
        raise OSError(101, "Network is unreachable")

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", unreachable)
    told = await problem(found, setup())
    assert told.startswith("There is no way to 127.0.0.1:")


async def test_silence(slack, setup, found):
    slack.delays["api.test"] = 1
    told = await problem(found, setup(), limit_s=LIMIT_S)
    assert "does not answer within 0.3 seconds" in told


async def test_a_server_without_tls(slack, setup, found):
    told = await problem(found, setup(slack_api_url=slack.api_url.replace("http:", "https:")))
    assert "does not speak TLS" in told


async def test_a_certificate_that_is_not_trusted(setup, found, served, tls):
    async def answer(request):
        return web.json_response({"ok": True})

    async with served(answer, tls=tls) as port:
        told = await problem(found, setup(slack_api_url=f"https://127.0.0.1:{port}/api/"))
    assert told.startswith(f"The certificate of 127.0.0.1:{port} is not trusted; ")


async def test_a_connection_that_breaks_off(setup, found, served):
    async def answer(request):
        request.transport.abort()

    async with served(answer) as port:
        told = await problem(found, setup(slack_api_url=f"http://127.0.0.1:{port}/api/"))
    assert "breaks off" in told


@pytest.mark.parametrize("body", ["<h1>Log in</h1>", "[]", '"ok"', '{"ok": "yes"}', "{}"])
async def test_somebody_else_answers(setup, found, served, body):
    async def answer(request):
        return web.Response(status=203, text=body, content_type="text/html")

    async with served(answer) as port:
        told = await problem(found, setup(slack_api_url=f"http://127.0.0.1:{port}/api/"))
    assert told.startswith(f"What answers at 127.0.0.1:{port} is not Slack's API (HTTP 203); ")


async def test_a_proxy_that_is_not_there(setup, found, proxied, closed_port):
    proxied(closed_port)
    assert await problem(found, setup()) == f"The proxy at 127.0.0.1:{closed_port} cannot be reached; check HTTPS_PROXY."


async def test_a_proxy_that_is_no_address(setup, found, monkeypatch, slack):
    monkeypatch.setenv("HTTPS_PROXY", "proxy geheim")
    told = await problem(found, setup())
    assert "HTTPS_PROXY" in told
    assert "geheim" not in told


@pytest.mark.parametrize(("status", "told"), [(407, "wants a name and a password"), (403, "refuses the way to slack.test")])
async def test_a_proxy_that_lets_nobody_through(setup, found, proxied, served, status, told):
    async def refuse(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        proxied(server.sockets[0].getsockname()[1])
        assert told in await problem(found, setup(slack_api_url="https://slack.test/api/"))


async def test_a_proxy_is_named_where_slack_answers_through_it(slack, setup, found, proxied):
    proxied(slack.url.rpartition(":")[2])  # the fake takes a proxy's requests as its own
    assert "through the proxy at 127.0.0.1:" in (await found(setup()))["network"][0][1]


# The clock


@pytest.mark.parametrize(
    ("skew", "http", "verdict"),
    [(30, True, "ok"), (-200, True, "note"), (-200, False, "note"), (400, True, "problem"), (-400, False, "note")],
)
async def test_the_clock_matters_where_signatures_are_checked(slack, setup, found, skew, http, verdict):
    slack.skew = skew
    [(told, words)] = (await found(setup(), http=http))["clock"]
    assert told == verdict
    assert ("ahead of" in words, "behind" in words) == ((skew < 0, skew > 0) if verdict != "ok" else (False, False))


# Socket Mode


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("missing_scope", "lacks connections:write"),
        ("invalid_auth", "does not accept the token"),
        ("not_allowed_token_type", "a token of another kind"),
        ("socket_mode_disabled", "Socket Mode is off"),
        ("something_new", "it says 'something_new'"),
    ],
)
async def test_an_app_token_that_slack_refuses(slack, setup, found, error, told):
    slack.fail("apps.connections.open", error)
    findings = await found(setup())
    assert findings["app token"][0][0] == "problem"
    assert told in findings["app token"][0][1]
    assert findings["websocket"] == [("skipped", "Slack gave no address for a websocket.")]


async def test_an_app_token_of_another_app(setup, found):
    assert "does not accept the token" in await problem(found, setup(slack_app_token="xapp-other"), "app token")


async def test_socket_mode_that_is_off(slack, setup, found):
    slack.socket_mode = False
    assert await problem(found, setup(), "websocket") == (
        "Socket Mode is off; turn it on under Socket Mode on the app's page."
    )


async def test_connections_of_other_processes_are_told(slack, setup, found):
    async with ClientSession() as session, session.ws_connect(slack.socket_url()):
        await slack.connected()
        told = (await found(setup()))["websocket"]
    assert [verdict for verdict, _ in told] == ["ok", "note"]
    assert "1 other connection open" in told[1][1]


async def test_a_websocket_that_nobody_opens(slack, setup, found, closed_port):
    slack.socket_url = lambda: f"ws://127.0.0.1:{closed_port}/link?ticket=geheim"
    told = await problem(found, setup(), "websocket")
    assert told.startswith(f"127.0.0.1:{closed_port} refuses connections")


async def test_a_websocket_that_a_proxy_swallows(slack, setup, found):
    slack.socket_url = lambda: f"{slack.url}/nowhere"
    assert "opens no websocket (HTTP 404)" in await problem(found, setup(), "websocket")


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        ('{"type": "disconnect", "reason": "too_many_websockets"}', "All ten connections"),
        ('{"type": "welcome"}', "does not greet as Slack does"),
        ("welcome", "does not greet as Slack does"),
        (None, "does not greet as Slack does"),
    ],
)
async def test_another_greeting(slack, setup, found, served, frame, told):
    async def greet(request):
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        if frame is not None:
            await opened.send_str(frame)
        await opened.close()
        return opened

    async with served(greet) as port:
        slack.socket_url = lambda: f"ws://127.0.0.1:{port}/"
        assert told in await problem(found, setup(), "websocket")


async def test_a_websocket_without_a_greeting(slack, setup, found, served):
    async def wait(request):
        opened = web.WebSocketResponse()
        await opened.prepare(request)
        await opened.receive()
        return opened

    async with served(wait) as port:
        slack.socket_url = lambda: f"ws://127.0.0.1:{port}/"
        told = await problem(found, setup(), "websocket", limit_s=LIMIT_S)
    assert "does not answer within 0.3 seconds" in told


async def test_there_is_no_socket_mode_over_http(slack, setup, found):
    findings = await found(setup(slack_signing_secret=slack.signing_secret), http=True)
    assert findings["app token"] == findings["websocket"] == [("skipped", "Over HTTP there is no Socket Mode.")]
    assert slack.opened == 0
