"""How a workspace installs Parley: from `/slack/install` over Slack's own page back to `/slack/oauth_redirect`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from html import escape

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.platforms.slack import api
from bot.platforms.slack.installations import Installations, OAuthStates
from bot.platforms.slack.scopes import SCOPES

INSTALL, REDIRECT = "/slack/install", "/slack/oauth_redirect"

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<title>Parley</title>
<style>body {{ max-width: 32em; margin: 4em auto; padding: 0 1em; font: 1.1em/1.5 sans-serif }}</style>
<h1>{title}</h1>
<p>{words}</p>
<p><a href="{link}">{step}</a></p>
</html>
"""
FAILURES = {
    "access_denied": "The installation was cancelled, and nothing was changed.",
    "invalid_browser": "This page was loaded twice, or in another browser than the one that began, or without https.",
    "invalid_state": "This page was loaded twice, or more than ten minutes after the installation began.",
    "missing_code": "Slack did not say that the installation was allowed.",
    "invalid_code": "Slack did not confirm the installation.",
}
BROKEN = "Slack could not be reached, or Parley could not store what it said; whoever runs Parley finds more in its log."

log = logging.getLogger(__name__)


class Flow(AsyncOAuthFlow):
    """slack-bolt's flow, with a page of ours in front."""

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        """The page that an installation begins at."""
        words = (
            "It sums up threads, answers from them and translates, wherever it is invited. Slack will ask you to confirm."
        )
        return _page("Add Parley to your workspace", words, url, "Continue to Slack")


def flow(client_id: str, client_secret: str, installations: Installations, states: OAuthStates, *, url: str) -> Flow:
    """The installation of the app with these credentials, into these stores; `url` is where Slack's Web API is."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=list(SCOPES),
        user_scopes=[],
        install_path=INSTALL,
        redirect_uri_path=REDIRECT,
        callback_options=AsyncCallbackOptions(success=_installed, failure=_failed),
        installation_store=installations,
        state_store=states,
    )
    return Flow(client=api.client(None, url=url), settings=settings)


def routes(flow: Flow) -> list[web.RouteDef]:
    """The two pages of the installation."""
    return [
        web.get(INSTALL, _served(flow.handle_installation)),
        web.get(REDIRECT, _served(flow.handle_callback)),
    ]


def _served(
    handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]],
) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def serve(request: web.Request) -> web.Response:
        try:
            response = await to_aiohttp_response(await handle(await to_bolt_request(request)))
        except Exception as error:
            log.error("an installation failed with %s", type(error).__name__)
            page = _page("Parley is not installed", BROKEN, INSTALL, "Try again")
            response = web.Response(status=502, text=page, content_type="text/html")
        response.headers["Cache-Control"] = "no-store"  # each page is good for one installation
        return response

    return serve


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    team = args.installation.team_name or "your workspace"
    words = "Write /invite @Parley in a channel, then @Parley help."
    page = _page(
        f"Parley is installed in {team}", words, f"https://app.slack.com/client/{args.installation.team_id}", "Open Slack"
    )
    return _answer(args, 200, page)


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    words = FAILURES.get(args.reason, f"Slack did not allow it; it says {args.reason!r}.")
    return _answer(args, args.suggested_status_code, _page("Parley is not installed", words, INSTALL, "Start again"))


def _answer(args: AsyncSuccessArgs | AsyncFailureArgs, status: int, page: str) -> BoltResponse:
    used = args.settings.state_utils.build_set_cookie_for_deletion()
    return BoltResponse(status=status, body=page, headers={"Content-Type": "text/html; charset=utf-8", "Set-Cookie": used})


def _page(title: str, words: str, link: str, step: str) -> str:
    return PAGE.format(title=escape(title), words=escape(words), link=escape(link), step=escape(step))
