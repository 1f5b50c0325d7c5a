"""A parser whose help and complaints are in the reader's language.

Command modules describe themselves in English; :func:`localise` then goes through the finished tree once.
Placeholders are translated with the texts that name them.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from samklang.cli.texts import Language, translate

if TYPE_CHECKING:
    from argparse import _MutuallyExclusiveGroup

__all__ = ["Parser", "localise"]


class Parser(argparse.ArgumentParser):
    """English until :func:`localise` says otherwise; its subcommands are of the same class."""

    lang: Language = "en"

    def error(self, message: str) -> NoReturn:
        """Usage and what is wrong, exit code 2."""
        self.print_usage(sys.stderr)
        problem, word = translate(self.lang, message), translate(self.lang, "error")
        self.exit(2, f"{self.prog}: {word}: {problem}\n")


class _Usage(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[_MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        super().add_usage(usage, actions, groups, prefix or translate("da", "usage: "))


class _Danish(_Usage):
    pass


class _DanishRaw(_Usage, argparse.RawDescriptionHelpFormatter):
    pass


def localise(parser: argparse.ArgumentParser, lang: Language) -> None:
    """Put the whole tree below ``parser`` into ``lang``."""
    if lang == "en":
        return
    raw = parser.formatter_class is argparse.RawDescriptionHelpFormatter
    parser.formatter_class = _DanishRaw if raw else _Danish
    if isinstance(parser, Parser):
        parser.lang = lang
    parser.description = _text(parser.description, lang)
    parser.epilog = _epilog(parser.epilog, lang)
    for group in parser._action_groups:
        group.title = _text(group.title, lang)
    for action in parser._actions:
        _option(action, lang)
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                choice.help = _text(choice.help, lang)
            for inner in action.choices.values():
                localise(inner, lang)


def _option(action: argparse.Action, lang: Language) -> None:
    action.help = _text(action.help, lang)
    if isinstance(action.metavar, str):
        action.metavar = translate(lang, action.metavar)


def _text(text: str | None, lang: Language) -> str | None:
    return text if text is None or text == argparse.SUPPRESS else translate(lang, text)


def _epilog(text: str | None, lang: Language) -> str | None:
    """Line by line: headings and meanings are translated, commands stay."""
    if text is None:
        return None
    lines = []
    for line in text.split("\n"):
        found = re.fullmatch(r"(\s*(?:\d+  )?)(.*)", line)
        assert found is not None
        lines.append(found[1] + translate(lang, found[2]))
    return "\n".join(lines)
