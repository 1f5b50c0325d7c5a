"""Papers for the data-protection officer, written from the rules that a node enforces.

A record of processing activities (GDPR art. 30) and an appendix to an impact assessment (art. 35), each in
English and Danish, as Markdown or HTML. They are drafts: what only people know is left open and marked, and
what is an assumption says so.
"""
