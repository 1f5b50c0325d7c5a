"""Approval by people at the node: a query waits durably until those whom the policy names have decided.

:mod:`.gate` is the node's side (may this attempt go on?), :mod:`.desk` the person's (what waits, what is it,
yes or no), :mod:`.file` what both write to, :mod:`.shown` and :mod:`.words` what a person is shown.
"""
