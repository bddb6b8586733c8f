"""`parley slack doctor`, `parley discord doctor`: say in a sentence each what is wrong with a set-up and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.platforms.doctor import Finding, Verdict

STYLES: dict[Verdict, str] = {"ok": "green", "note": "yellow", "problem": "bold red", "skipped": "dim"}
MARK_WIDTH = max(map(len, STYLES))


async def run(checks: Iterable[str], findings: AsyncIterator[Finding], out: Console) -> int:
    """Print what checks find, as they find it; returns the exit code: 0 where nothing is broken, otherwise 1."""
    found: Counter[Verdict] = Counter()
    width = max(map(len, checks))
    async for finding in findings:
        _print(finding, out, width)
        found[finding.verdict] += 1
    out.print(_sum(found), soft_wrap=True, markup=False)
    return 1 if found["problem"] else 0


def _print(finding: Finding, out: Console, width: int) -> None:
    """The mark, the check, the sentence: a terminal folds long sentences under themselves, a file keeps lines whole."""
    mark, check = finding.verdict.ljust(MARK_WIDTH), finding.check.ljust(width)
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
