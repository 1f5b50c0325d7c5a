"""Scripts behind ``on(event)``: what is waited for, what isn't, how a role ends."""

from __future__ import annotations

import pytest

from samklang.errors import SamklangError
from samklang.protocol.actions import START, Action, Compute, Done, Event, Fail, Persist, Receive, Send
from samklang.protocol.roles.script import Script, ScriptRole
from samklang.protocol.streams import BytesSink, BytesSource


class Play(ScriptRole):
    def script(self) -> Script:
        got = yield [
            Persist("first"),
            Receive("x", "tags", BytesSink(1)),
            Compute("work", lambda: 1),
            Send("x", "tags", BytesSource(b"")),
        ]
        got = yield [Compute("more", lambda: got["compute:work"] + 1)]
        if got["compute:more"] == 13:
            raise SamklangError("protocol-groupings-differ")
        return got["compute:more"]


def names(actions: list[Action]) -> list[str]:
    return [type(a).__name__ for a in actions]


def test_waits_for_receives_and_computes_and_ends_after_its_sends() -> None:
    role = Play()
    assert names(role.on(Event(START))) == ["Persist", "Receive", "Compute", "Send"]
    assert role.on(Event("compute:work", 41)) == []
    assert names(role.on(Event("recv:tags:x"))) == ["Compute"]
    assert role.on(Event("compute:more", 42)) == []  # the send is still on its way
    assert role.on(Event("send:tags:x")) == [Done(42)]


def test_a_raised_error_is_the_failure() -> None:
    role = Play()
    role.on(Event(START))
    role.on(Event("send:tags:x"))
    role.on(Event("recv:tags:x"))
    role.on(Event("compute:work", 12))
    (action,) = role.on(Event("compute:more", 13))
    assert isinstance(action, Fail)
    assert isinstance(action.error, SamklangError)
    assert action.error.code == "protocol-groupings-differ"


def test_an_answer_to_nothing_is_a_programming_error() -> None:
    role = Play()
    role.on(Event(START))
    with pytest.raises(KeyError):
        role.on(Event("recv:tags:y"))
