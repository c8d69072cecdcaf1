/** The page's looks: one column on a phone, light and dark as the reader's system has it; nothing is fetched. */
export const style = `
:root{color-scheme:light dark;--back:#fff;--text:#1b1f24;--soft:#5b6570;--line:#d9dee3;--panel:#f5f7f9;
--c0:#0b62d6;--c1:#b35900;--c2:#0a7d4f;--c3:#a1208e;--c4:#c62828;--c5:#5b4bc4;--c6:#00798c;--c7:#6b5d00}
@media (prefers-color-scheme:dark){:root{--back:#14181d;--text:#e6eaee;--soft:#9aa5b1;--line:#2f3740;--panel:#1c2229;
--c0:#6ea8ff;--c1:#ffb05c;--c2:#5fd6a0;--c3:#f08be0;--c4:#ff8a80;--c5:#b1a6ff;--c6:#5fd3e6;--c7:#d9c94f}}
*{box-sizing:border-box}
body{margin:0;background:var(--back);color:var(--text);font:16px/1.5 system-ui,sans-serif}
main{max-width:76rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.15rem;margin:2rem 0 .5rem;border-top:1px solid var(--line);padding-top:1rem}
h3{font-size:1rem;margin:1rem 0 .25rem;color:var(--soft);font-weight:600}
p,li{max-width:48rem}
.soft{color:var(--soft)}
code{font:14px/1.4 ui-monospace,monospace;background:var(--panel);padding:.1rem .3rem;overflow-wrap:anywhere}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:1rem}
figure{margin:0;min-width:0;max-width:38rem}
figcaption{font-weight:600}
svg{display:block;width:100%;height:auto}
svg.key{display:inline-block;width:28px;height:10px;margin-right:.4rem}
svg .grid{stroke:var(--line)}
svg .tick,svg .title{fill:var(--soft);font:13px system-ui,sans-serif}
svg .end{text-anchor:end}
svg .mid{text-anchor:middle}
svg .line{fill:none;stroke-width:2.2}
svg .dot{stroke:var(--back);stroke-width:1}
${[0, 1, 2, 3, 4, 5, 6, 7].map(i => `.line.s${i}{stroke:var(--c${i})}.dot.s${i}{fill:var(--c${i})}`).join('')}
.line.s1,.line.s5{stroke-dasharray:7 4}.line.s3,.line.s7{stroke-dasharray:2 4}
.legend{list-style:none;padding:0;margin:.5rem 0;display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;max-width:none}
.bars{display:grid;gap:.35rem;margin:.5rem 0}
.bar{display:grid;grid-template-columns:minmax(7rem,14rem) 1fr 13rem;gap:.6rem;align-items:center}
.bar .value{font-variant-numeric:tabular-nums;font-size:.9rem}
.track{display:flex;height:1.1rem;background:var(--panel)}
.piece.host,.swatch.host{background:var(--c0)}
.piece.adapter,.swatch.adapter{background:var(--c1)}
.key-of{white-space:nowrap}
.swatch{display:inline-block;width:.9rem;height:.9rem;vertical-align:-.1rem;margin:0 .3rem 0 .8rem}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap}
th{color:var(--soft);font-weight:600}
.figures td:last-child{white-space:normal;text-align:left;min-width:18rem}
.first{text-align:left;position:sticky;left:0;background:var(--back)}
@media (max-width:40rem){svg .tick,svg .title{font-size:19px}.bar{grid-template-columns:1fr auto}.bar .track{grid-column:1/-1;grid-row:2}
.first{max-width:9rem;white-space:normal}}
`
