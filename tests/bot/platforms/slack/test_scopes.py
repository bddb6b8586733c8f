from pathlib import Path

import yaml

from bot.platforms.slack import scopes
from bot.platforms.slack.scopes import SCOPES

MANIFEST = Path(__file__).parents[4] / "deploy" / "slack-manifest.yaml"


def test_the_table_is_the_manifests_list():
    assert list(SCOPES) == yaml.safe_load(MANIFEST.read_text())["oauth_config"]["scopes"]["bot"]


def test_it_is_optional_what_the_manifest_calls_so():
    listed = [line.strip().removeprefix("- ") for line in MANIFEST.read_text().splitlines() if line.strip().startswith("- ")]
    optional = {line.split()[0] for line in listed if "# optional: " in line}
    assert optional == {name for name, scope in SCOPES.items() if not scope.required}


def test_what_is_missing_is_sorted_by_need():
    granted = SCOPES.keys() - {"chat:write", "groups:read", "im:read"}
    assert scopes.missing(granted, required=True) == ["chat:write", "im:read"]
    assert scopes.missing(granted, required=False) == ["groups:read"]


def test_what_only_reads_is_not_needless():
    granted = [
        *SCOPES,
        "users:read.email",
        "team:read",
        "identify",
        "files:write",
        "chat:write.public",
        "channels:join",
        "admin",
    ]
    assert scopes.needless(granted) == ["admin", "channels:join", "chat:write.public", "files:write"]
