"""The way to a platform's API, and why it does not lead there: one sentence with what to do, never an error's own text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import aiohttp
from yarl import URL

from bot.settings import variable


@dataclass(frozen=True, kw_only=True)
class Way:
    """How a platform is reached from here.

    Attributes:
        platform: its name.
        url: where its API is.
        setting: the variable that says so.
        sockets: the hosts of its websockets, as a firewall's list names them.
        proxy: the address of the proxy that connections go through.
        limit_s: seconds that one call, or a websocket's greeting, may take.
    """

    platform: str
    url: str
    setting: str
    sockets: str
    proxy: str | None
    limit_s: float

    @classmethod
    def to(cls, platform: str, url: str, *, sockets: str, proxy: str | None, limit_s: float) -> Self:
        """The way to a platform whose address is set as PARLEY_<PLATFORM>_API_URL."""
        setting = variable(f"{platform.lower()}_api_url")
        return cls(platform=platform, url=url, setting=setting, sockets=sockets, proxy=proxy, limit_s=limit_s)

    def answered(self, seconds: float) -> str:
        """That the platform answers."""
        through = f" through the proxy at {place(self.proxy)}" if self.proxy else ""
        return f"{self.platform} answers at {place(self.url)}{through} in {seconds * 1000:.0f} ms."

    def stranger(self, status: int) -> str:
        """That something else answers, with an HTTP status."""
        return (
            f"What answers at {place(self.url)} is not {self.platform}'s API (HTTP {status}); "
            f"check {self.setting}, and whether the network asks for a login."
        )

    def failure(self, error: Exception, url: str | None = None) -> str:
        """Why a connection failed: what aiohttp, or the time limit, raised; `url` is where it should have led."""
        there, through = place(url or self.url), place(self.proxy or "")
        match error:
            case aiohttp.ClientProxyConnectionError():
                return f"The proxy at {through} cannot be reached; check HTTPS_PROXY."
            case aiohttp.ClientHttpProxyError(status=407):
                return f"The proxy at {through} wants a name and a password; put them into HTTPS_PROXY."
            case aiohttp.ClientHttpProxyError(status=status):
                return f"The proxy at {through} refuses the way to {there} (HTTP {status}); let it pass there."
            case TimeoutError():
                return f"{there} does not answer within {self.limit_s:g} seconds; check the firewall, or set HTTPS_PROXY."
            case aiohttp.ClientConnectorDNSError():
                return f"The name {there} cannot be looked up; check this machine's DNS, and {self.setting}."
            case aiohttp.ClientConnectorCertificateError():
                return (
                    f"The certificate of {there} is not trusted; if a proxy opens TLS, name its authority in SSL_CERT_FILE."
                )
            case aiohttp.ClientSSLError():
                return f"{there} does not speak TLS as it should; check http and https in {self.setting}, and the proxy."
            case aiohttp.ClientConnectorError(os_error=ConnectionRefusedError()):
                return f"{there} refuses connections; check {self.setting}, and the firewall."
            case aiohttp.ClientConnectorError():
                return f"There is no way to {there}; check the network and the firewall, or set HTTPS_PROXY."
            case aiohttp.InvalidURL():
                return f"An address is not valid; check {self.setting} and HTTPS_PROXY."
            case aiohttp.WSServerHandshakeError(status=status):
                passes = f"let firewall and proxy pass websockets to {self.sockets}"
                return f"{there} opens no websocket (HTTP {status}); {passes}."
        return f"The connection to {there} breaks off; check the firewall, and the proxy in HTTPS_PROXY."


def place(address: str) -> str:
    """The host of an address, with its port where that is not the usual one: no name, password, path or ticket."""
    try:
        url = URL(address)
    except ValueError:
        return "an address that cannot be read"
    return f"{url.host}" if url.is_default_port() or url.port is None else f"{url.host}:{url.port}"
