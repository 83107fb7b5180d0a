import { Markup } from '../../../services/agents/report/synthesis/html/markup.ts'

/** Colours are tokens, set once for light and once for dark; text has a contrast of at least 4.5. */
export const PAGE_STYLES = new Markup(`
:root {
  color-scheme: light dark;
  --page: #f7f8fa; --card: #ffffff; --ink: #16191d; --muted: #565d67; --rule: #d9dde3; --soft: #eef0f4;
  --a: #0b5a8f; --b: #b4540a; --c: #2b7a3d; --d: #b3261e; --e: #8a93a0; --f: #7a4fa3;
  --good: #1f6b30; --bad: #a5221b; --good-soft: #e2f2e5; --bad-soft: #fbe5e3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121518; --card: #1a1e23; --ink: #e8eaed; --muted: #a5adb8; --rule: #343a42; --soft: #22272d;
    --a: #6db6ee; --b: #f0a35c; --c: #74c686; --d: #ff8d80; --e: #7d8794; --f: #c3a1e8;
    --good: #8ad69a; --bad: #ff9d90; --good-soft: #1d3324; --bad-soft: #3d2220;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 400 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
main { max-width: 72rem; margin: 0 auto; padding: clamp(1rem, 4vw, 2.5rem); }
.eyebrow { margin: 0 0 .5rem; color: var(--muted); font-size: .8125rem; letter-spacing: .04em; text-transform: uppercase; }
h1 { margin: 0 0 .75rem; font-size: clamp(1.375rem, 1rem + 1.6vw, 2rem); line-height: 1.25; text-wrap: balance; }
h2 { margin: 2.25rem 0 .75rem; font-size: 1.25rem; }
.lead { max-width: 52rem; margin: 0; color: var(--muted); }
.note, .eyebrow + .note { color: var(--muted); font-size: .875rem; max-width: 52rem; }
.void { margin-top: 1rem; padding: .75rem 1rem; border-radius: 8px; background: var(--bad-soft); }
.void ul { margin: .25rem 0 0; padding-left: 1.2rem; }
.scroll { overflow-x: auto; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: .875rem; line-height: 1.4; overflow-wrap: normal; }
th, td { padding: .45rem .7rem; text-align: left; vertical-align: top; }
thead th { color: var(--muted); font-weight: 550; font-size: .8125rem; border-bottom: 1px solid var(--rule); vertical-align: bottom; }
tbody th { font-weight: 550; white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--soft); }
tr.part > * { border-top: 0 !important; padding-top: 0; color: var(--muted); font-weight: 400; }
tr.part > th { padding-left: 1.6rem; }
tr.knee > * { background: var(--good-soft); }
.number { text-align: right; white-space: nowrap; }
td small { display: block; color: var(--muted); white-space: normal; min-width: 9rem; }
.judgement { padding: .05rem .5rem; border-radius: 1em; background: var(--soft); color: var(--muted); white-space: nowrap; font-size: .8125rem; }
.judgement.met { background: var(--good-soft); color: var(--good); }
.judgement.missed { background: var(--bad-soft); color: var(--bad); }
.nowrap { white-space: nowrap; }
.bad { color: var(--bad); }
.chart { margin: 0 0 1rem; padding: 1rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
figcaption { font-weight: 600; margin-bottom: .5rem; font-size: .9375rem; }
svg { display: block; width: 100%; height: auto; }
svg text { font: 400 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--muted); }
line.grid { stroke: var(--rule); stroke-width: 1; }
line.axis { stroke: var(--muted); stroke-width: 1; }
path.line { fill: none; stroke-width: 1.75; stroke-linejoin: round; }
path.area { opacity: .16; }
.bound { stroke: var(--bad); stroke-width: 1.25; stroke-dasharray: 6 4; }
svg .bound-label { fill: var(--bad); }
.mark { stroke: var(--d); stroke-width: 1; stroke-dasharray: 2 3; }
svg .mark-label { fill: var(--d); }
${['a', 'b', 'c', 'd', 'e', 'f'].map((tone) => `path.line.${tone} { stroke: var(--${tone}); } path.area.${tone}, rect.bar.${tone} { fill: var(--${tone}); } .swatch.${tone} { background: var(--${tone}); }`).join('\n')}
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1.25rem; margin: .5rem 0 0; padding: 0; font-size: .8125rem; color: var(--muted); }
.legend li { display: inline-flex; align-items: center; gap: .4rem; }
.swatch { width: .8rem; height: .8rem; border-radius: 2px; }
.facts { margin: 0; font-size: .875rem; }
.facts div { display: grid; grid-template-columns: 7rem 1fr; gap: .5rem; padding: .3rem 0; border-bottom: 1px solid var(--soft); }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
code { font: .8125rem/1.4 ui-monospace, Menlo, Consolas, monospace; }
@media print { :root { color-scheme: light; } .chart, tr { break-inside: avoid; } }
`)
