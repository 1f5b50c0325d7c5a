"""Roles as scripts: what a role does, in the order in which it does it.

A script is a generator. It yields a list of actions and is resumed with the values of every receive and
compute in that list, by key, once all of them have finished; sends go on in the background. The class
around it makes that the ``on(event) -> actions`` of :mod:`samklang.protocol.actions`.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from samklang.errors import SamklangError
from samklang.protocol.actions import START, Action, Compute, Done, Event, Fail, Receive, Send

Script = Generator[list[Action], Mapping[str, Any], Any]


class ScriptRole:
    """Drives one script. Subclasses write :meth:`script`; its return value is the role's result."""

    def __init__(self) -> None:
        self._script: Script | None = None
        self._waiting: set[str] = set()
        self._sending: set[str] = set()
        self._values: dict[str, Any] = {}
        self._result: Any = None
        self._ended = False

    def script(self) -> Script:
        raise NotImplementedError

    def on(self, event: Event) -> list[Action]:
        """Take an event, answer with what to do next; nothing after ``Done`` or ``Fail``.

        An event for something the script never started is a programming error (``KeyError``).
        """
        if event.key == START:
            self._script = self.script()
            return self._advance(None)
        if event.key in self._sending:
            self._sending.remove(event.key)
            return self._finish() if self._ended else []
        self._waiting.remove(event.key)
        self._values[event.key] = event.value
        return [] if self._waiting else self._advance(self._values)

    def _advance(self, values: Mapping[str, Any] | None) -> list[Action]:
        assert self._script is not None
        actions: list[Action] = []
        try:
            while not self._waiting:
                self._values = {}
                wanted = self._script.send(values) if values is not None else next(self._script)
                values = self._values
                actions += wanted
                for action in wanted:
                    if isinstance(action, Receive | Compute):
                        self._waiting.add(action.key)
                    elif isinstance(action, Send):
                        self._sending.add(action.key)
        except StopIteration as stop:
            self._ended = True
            self._result = stop.value
            return actions + self._finish()
        except SamklangError as error:
            return [*actions, Fail(error)]
        return actions

    def _finish(self) -> list[Action]:
        return [] if self._sending else [Done(self._result)]
