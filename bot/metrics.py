"""Figures for whatever watches over Parley: `/metrics`, in Prometheus's text format."""

from __future__ import annotations

from aiohttp import web
from prometheus_client import CollectorRegistry, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def route(metrics: CollectorRegistry) -> web.RouteDef:
    """`/metrics` shows what stands in a registry."""

    async def shown(_: web.Request) -> web.Response:
        return web.Response(body=generate_latest(metrics), headers={"Content-Type": CONTENT_TYPE})

    return web.get("/metrics", shown)
