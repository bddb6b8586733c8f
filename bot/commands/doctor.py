"""`parley slack doctor`: check a Slack set-up, and say in a sentence each what is wrong and how to mend it."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.platforms.slack.doctor import CHECKS, Finding, examine
from bot.platforms.slack.doctor.visit import Verdict
from bot.settings import Settings

STYLES: dict[Verdict, str] = {"ok": "green", "note": "yellow", "problem": "bold red", "skipped": "dim"}
MARK_WIDTH = max(map(len, STYLES))
CHECK_WIDTH = max(map(len, CHECKS))


async def run(settings: Settings, out: Console, *, http: bool = False) -> int:
    """Print what the checks find, as they find it; returns the exit code: 0 where nothing is broken, otherwise 1."""
    found: Counter[Verdict] = Counter()
    async for finding in examine(settings, http=http):
        _print(finding, out)
        found[finding.verdict] += 1
    out.print(_sum(found), soft_wrap=True, markup=False)
    return 1 if found["problem"] else 0


def _print(finding: Finding, out: Console) -> None:
    """The mark, the check, the sentence: a terminal folds long sentences under themselves, a file keeps lines whole."""
    mark, check = finding.verdict.ljust(MARK_WIDTH), finding.check.ljust(CHECK_WIDTH)
    if not out.is_terminal:
        out.print(f"{mark}  {check}  {finding.words}", soft_wrap=True, markup=False)
        return
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_row(Text(mark, STYLES[finding.verdict]), Text(check), Text(finding.words))
    out.print(row)


def _sum(found: Counter[Verdict]) -> str:
    """The last line, e.g. "2 problems to mend; 6 ok, 1 note, 2 skipped."."""
    problems, notes = found["problem"], found["note"]
    told = f"{problems} problem{'s' * (problems != 1)} to mend" if problems else "Nothing is broken"
    rest = [f"{found['ok']} ok", f"{notes} note{'s' * (notes != 1)}", f"{found['skipped']} skipped"]
    return f"{told}; {', '.join(words for words in rest if not words.startswith('0 '))}."
