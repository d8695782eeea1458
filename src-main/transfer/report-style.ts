/** The colours are those of the UI. On paper it is always light. */
export const REPORT_STYLE = `
:root{color-scheme:light dark;--bg:#f7f7f5;--surface:#fff;--sunken:#f2f2ef;--border:#e4e4df;--text:#191a17;--muted:#575952;--good:#0b6259;--bad:#b3261e;--successful:#0c6f63;--failed:#d23a3a;--other:#a9aba3;--accent:#2f4bd0}
@media (prefers-color-scheme:dark){:root{--bg:#0e0f11;--surface:#15171a;--sunken:#101214;--border:#282b30;--text:#edeef0;--muted:#a7acb4;--good:#5ed3c2;--bad:#ff9388;--successful:#2fb9a5;--failed:#f4685a;--other:#767d87;--accent:#93a7ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--text);font:13px/1.5 Inter,system-ui,-apple-system,"Segoe UI",sans-serif;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:960px;margin:0 auto;padding:32px 24px 48px}
header{display:flex;flex-wrap:wrap;gap:4px 24px;align-items:baseline;justify-content:space-between;margin-bottom:20px}
h1{margin:0;font-size:24px;letter-spacing:-.02em}
h2{margin:0 0 10px;font-size:14px}
p{margin:0}
.muted,caption{color:var(--muted)}
section{margin-bottom:16px;padding:16px;border:1px solid var(--border);border-radius:10px;background:var(--surface)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:16px;margin:0}
.figures dt{color:var(--muted);font-size:12px;font-weight:500}
.figures dd{margin:0;font-size:22px;font-weight:600;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.note{margin-top:12px}
.figures .change{display:block;color:var(--muted);font-size:12px;font-weight:400;letter-spacing:0}
.figures .change b{font-weight:500}
.better b{color:var(--good)}.worse b{color:var(--bad)}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;margin:0 0 8px;padding:0;list-style:none;color:var(--muted);font-size:12px}
.legend li::before{content:"";display:inline-block;width:9px;height:9px;margin-right:6px;border-radius:2px;background:currentColor}
.legend span{color:var(--muted)}
.legend .successful{color:var(--successful)}.legend .failed{color:var(--failed)}.legend .other{color:var(--other)}
svg{display:block;width:100%}
.chart{height:auto}
.bar{height:8px;min-width:60px;border-radius:2px}
rect.successful{fill:var(--successful)}rect.failed{fill:var(--failed)}rect.other{fill:var(--other)}rect.track{fill:var(--sunken)}
.grid{stroke:var(--border);stroke-width:1}
.axis{fill:var(--muted);font-size:10.5px}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th{padding:0 8px 6px;color:var(--muted);font-size:12px;font-weight:500;text-align:left}
td{padding:6px 8px;border-top:1px solid var(--border);vertical-align:middle}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap}
.name{width:34%;overflow-wrap:anywhere}
.reason{overflow-wrap:anywhere}
.reason small{display:block;color:var(--muted);font-size:12px}
footer{color:var(--muted);font-size:12px}
@page{size:A4;margin:14mm}
@media print{:root{color-scheme:light;--bg:#fff;--surface:#fff;--sunken:#f2f2ef;--border:#d6d6d0;--text:#191a17;--muted:#575952;--good:#0b6259;--bad:#b3261e;--successful:#0c6f63;--failed:#d23a3a;--other:#a9aba3}
body{font-size:11px}main{max-width:none;padding:0}section{padding:10px 12px;border-radius:6px;break-inside:avoid}section.long{break-inside:auto}tr{break-inside:avoid}thead{display:table-header-group}h2{break-after:avoid}}
`;
