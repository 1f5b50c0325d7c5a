"""A page of headings, texts, lists and tables, as Markdown or as HTML that stands by itself."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

__all__ = ["Page", "as_html", "as_markdown"]


@dataclass(frozen=True, slots=True)
class _Block:
    kind: str
    text: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass
class Page:
    """Blocks in their order. Texts are plain: nothing in them is markup."""

    title: str
    lang: str
    blocks: list[_Block] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self.blocks.append(_Block("heading", text))

    def text(self, text: str) -> None:
        self.blocks.append(_Block("text", text))

    def warning(self, text: str) -> None:
        """What the reader has to settle before the paper is used."""
        self.blocks.append(_Block("warning", text))

    def items(self, texts: Sequence[str]) -> None:
        """A list; nothing if it is empty."""
        if texts:
            self.blocks.append(_Block("items", rows=tuple((text,) for text in texts)))

    def table(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Rows as wide as the header."""
        self.blocks.append(_Block("table", rows=(tuple(header), *(tuple(row) for row in rows))))


def as_markdown(page: Page) -> str:
    """CommonMark with pipe tables."""
    parts = [f"# {_md(page.title)}"]
    for block in page.blocks:
        match block.kind:
            case "heading":
                parts.append(f"## {_md(block.text)}")
            case "warning":
                parts.append(f"> **!** {_md(block.text)}")
            case "items":
                parts.append("\n".join(f"- {_md(row[0])}" for row in block.rows))
            case "table":
                lines = [" | ".join(_md(cell) for cell in row) for row in block.rows]
                rule = " | ".join("---" for _ in block.rows[0])
                parts.append("\n".join(f"| {line} |" for line in (lines[0], rule, *lines[1:])))
            case _:
                parts.append(_md(block.text))
    return "\n\n".join(parts) + "\n"


def as_html(page: Page) -> str:
    """One file without scripts and without anything fetched from elsewhere."""
    body = [f"<h1>{html.escape(page.title)}</h1>"]
    for block in page.blocks:
        text = html.escape(block.text)
        match block.kind:
            case "heading":
                body.append(f"<h2>{text}</h2>")
            case "warning":
                body.append(f'<p class="open" role="note">{text}</p>')
            case "items":
                items = "".join(f"<li>{html.escape(row[0])}</li>" for row in block.rows)
                body.append(f"<ul>{items}</ul>")
            case "table":
                head, *rows = (
                    "".join(f"<{tag}>{html.escape(cell)}</{tag.split()[0]}>" for cell in row)
                    for tag, row in zip(
                        ['th scope="col"', *["td"] * (len(block.rows) - 1)], block.rows, strict=True
                    )
                )
                lines = "".join(f"<tr>{row}</tr>" for row in rows)
                table = f"<table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table>"
                body.append(f'<div class="wide">{table}</div>')
            case _:
                body.append(f"<p>{text}</p>")
    return _HTML.format(lang=page.lang, title=html.escape(page.title), style=_STYLE, body="\n".join(body))


def _md(text: str) -> str:
    """Plain text in Markdown: one line, and no character that would be markup."""
    line = " ".join(text.split())
    return "".join(f"\\{c}" if c in "\\`*[]<|" else c for c in line)


_HTML: Final = """\
<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}"
    "main{max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.7rem}h2{font-size:1.2rem;margin-top:2rem;border-bottom:1px solid #999}"
    "table{border-collapse:collapse;width:100%}th,td{border:1px solid #999;padding:.3rem .5rem;"
    "text-align:left;vertical-align:top}th{background:#eee}.wide{overflow-x:auto}"
    ".open{border-left:.4rem solid #b25000;background:#fff4e8;padding:.5rem .8rem}"
    "@media print{main{max-width:none}}"
)
