"""What a query would give and cost, from documents and public figures alone: nobody's data is touched.

:mod:`.expected` makes the table that public figures let expect, :mod:`.precision` says what noise leaves of
it, :mod:`.alternatives` looks for coarser questions, :mod:`.effort` estimates time and traffic, and
:mod:`.amend` finds the smallest change of a query that a policy would permit.
"""
