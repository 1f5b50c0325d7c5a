"""How a report looks, on a screen and on paper."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root{--ink:#1b2733;--soft:#5b6b7a;--line:#dfe5ea;--paper:#fff;--back:#f4f6f8;--accent:#0b5c7a;
--good:#1d7a46;--good-back:#e6f4ec;--bad:#a3281f;--bad-back:#fbeae8;--wait:#8a5a00;--wait-back:#fdf3dd}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif}
header,main,footer{max-width:62rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:2.5rem}
.brand{margin:0;color:var(--accent);font-weight:600;letter-spacing:.04em}
h1{font-size:2.1rem;line-height:1.2;margin:.1rem 0 .3rem}
h2{font-size:1.25rem;margin:2.2rem 0 .8rem}
.who{font-size:1.1rem;margin:0}
.when{color:var(--soft);margin:.2rem 0 0}
.figures{display:flex;flex-wrap:wrap;gap:.8rem;margin-top:1.6rem}
.figure{flex:1 1 8.5rem;background:var(--paper);border:1px solid var(--line);border-radius:.6rem;
padding:.8rem 1rem}
.figure b{display:block;font-size:1.7rem;line-height:1.2;font-variant-numeric:tabular-nums}
.figure span{color:var(--soft);font-size:.9rem}
.figure.good b{color:var(--good)}.figure.bad b{color:var(--bad)}
.proof{background:var(--paper);border:1px solid var(--line);border-left:.35rem solid var(--good);
border-radius:.6rem;padding:.2rem 1.4rem 1rem;margin-top:1.4rem}
.proof h2{margin-top:1.1rem}
.checked{color:var(--good);font-weight:600}
.checked::before{content:"\\2713\\00a0"}
article{background:var(--paper);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.4rem;
margin-bottom:.9rem;break-inside:avoid}
h3{display:flex;flex-wrap:wrap;align-items:baseline;gap:.7rem;font-size:1.02rem;margin:0 0 .5rem}
.id{margin-left:auto;color:var(--soft);font-weight:400;font-size:.85rem}
.badge{border-radius:1rem;padding:.05rem .7rem;font-size:.85rem;background:var(--wait-back);
color:var(--wait)}
.badge.permit{background:var(--good-back);color:var(--good)}
.badge.deny{background:var(--bad-back);color:var(--bad)}
dl{display:grid;grid-template-columns:11.5rem 1fr;gap:.25rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;overflow-wrap:anywhere}
.why+.why{margin-top:.35rem}
.note{color:var(--soft);font-size:.9rem}
code{font:.86em/1.4 ui-monospace,"Liberation Mono",Consolas,monospace;background:var(--back);
border-radius:.25rem;padding:.05rem .3rem}
table{width:100%;border-collapse:collapse;background:var(--paper);border:1px solid var(--line);
border-radius:.6rem;overflow:hidden;font-size:.94rem}
th,td{text-align:left;padding:.45rem .8rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}
tr:last-child td{border-bottom:0}
td.no,td.at{white-space:nowrap;font-variant-numeric:tabular-nums}
tr.witness-refused td{background:var(--bad-back);color:var(--bad)}
tr.policy-changed td,tr.pruned td,tr.witness-reset td{background:var(--wait-back)}
footer{color:var(--soft);padding-top:1.2rem;padding-bottom:3rem}
@media (max-width:40rem){dl{grid-template-columns:1fr}dd{margin-bottom:.4rem}}
@media print{body{background:#fff;font-size:11pt}header{padding-top:0}tr,article{break-inside:avoid}}
@page{size:A4;margin:16mm}
"""
