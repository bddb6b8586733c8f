"""The connections to Discord in figures."""

from __future__ import annotations

import math
from collections.abc import Iterator

from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.platforms.discord.client import Client


class Shards(Collector):
    """Reads, when it is asked, which shards of a client are connected and how long their heartbeats take."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def collect(self) -> Iterator[Metric]:
        """The figures of each shard."""
        up = GaugeMetricFamily("parley_discord_shard_up", "Whether a shard is connected.", labels=["shard"])
        latency = GaugeMetricFamily(
            "parley_discord_shard_latency_seconds", "From a heartbeat to its acknowledgement.", labels=["shard"]
        )
        for number, shard in self._client.shards.items():
            up.add_metric([str(number)], float(not shard.is_closed()))
            if math.isfinite(shard.latency):
                latency.add_metric([str(number)], shard.latency)
        servers = GaugeMetricFamily("parley_discord_servers", "Servers that the bot is in.", len(self._client.guilds))
        yield from (up, latency, servers)
