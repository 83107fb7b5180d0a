/** The page's style sheet. Colours are tokens, set once for light and once for dark; every text colour has a contrast of at least 4.5. */
export const STYLESHEET = `
:root {
  color-scheme: light dark;
  --page: #faf9f6; --card: #ffffff; --ink: #1a1d22; --muted: #565d67; --rule: #dedbd3; --soft: #f0eee8;
  --accent: #0b5a8f; --accent-soft: #0b5a8f; --alert: #b3261e; --shift: #855000; --trend: #4a5361;
  --together: #2f7fc1; --opposite: #d9822b;
  --serif: Charter, "Bitstream Charter", "Iowan Old Style", "Source Serif 4", Georgia, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  --mono: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #131619; --card: #1a1e23; --ink: #e8e6e1; --muted: #a5adb8; --rule: #343a42; --soft: #22272d;
    --accent: #7cc0f2; --accent-soft: #7cc0f2; --alert: #ff9d90; --shift: #f0b661; --trend: #c6cdd6;
    --together: #4a9fe6; --opposite: #e08a35;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--page); color: var(--ink); font: 400 1rem/1.6 var(--sans); font-variant-numeric: tabular-nums lining-nums; overflow-wrap: anywhere; }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 0.06em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -999rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: 0.5rem 1rem; z-index: 1; }

.masthead { max-width: 74rem; margin: 0 auto; padding: clamp(2rem, 6vw, 4.5rem) clamp(1rem, 4vw, 2.5rem) clamp(1.5rem, 4vw, 2.5rem); }
.eyebrow { margin: 0 0 0.75rem; color: var(--muted); font-size: 0.8125rem; letter-spacing: 0.04em; text-transform: uppercase; }
h1 { margin: 0 0 1rem; font-size: 1.125rem; line-height: 1.35; font-weight: 600; color: var(--accent); }
.headline { margin: 0; max-width: 46rem; font: 500 clamp(1.5rem, 1.1rem + 2.1vw, 2.5rem)/1.22 var(--serif); letter-spacing: -0.01em; text-wrap: balance; }
.page { max-width: 74rem; margin: 0 auto; padding: 0 clamp(1rem, 4vw, 2.5rem); }
main { min-width: 0; }
section { padding: 2.25rem 0 0.75rem; border-top: 1px solid var(--rule); }
section + section { margin-top: 1.5rem; }
h2 { margin: 0 0 1rem; font: 600 1.5rem/1.25 var(--serif); }
h3 { margin: 0; font-size: 1.0625rem; line-height: 1.35; font-weight: 650; }
section > h3 { margin: 1.5rem 0 0.5rem; }
h4 { margin: 1rem 0 0.25rem; font-size: 0.875rem; }
p { margin: 0 0 0.75rem; }
.lead, .note, .meta { color: var(--muted); }
.lead { max-width: 44rem; }
.note, .meta { font-size: 0.875rem; }
.meta { margin: 0.15rem 0 0.5rem; }
.unit { color: var(--muted); font-weight: 400; }
.name { unicode-bidi: isolate; }
.path { color: var(--muted); }
.alert { color: var(--alert); }
ul { padding-left: 1.2rem; }
li { margin: 0.25rem 0; }
code { font: 0.75rem/1.4 var(--mono); color: var(--muted); }

.contents { padding: 0 0 1.5rem; }
.contents h2 { font: 600 0.8125rem/1.4 var(--sans); letter-spacing: 0.04em; text-transform: uppercase; color: var(--muted); margin: 0 0 0.5rem; }
.contents ol { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.25rem; font-size: 0.9375rem; }
.contents li { margin: 0; }
.contents a { text-decoration: none; }
.contents a:hover { text-decoration: underline; }
.count { color: var(--muted); font-size: 0.8125rem; }
@media screen and (min-width: 68rem) {
  .page { display: grid; grid-template-columns: 11.5rem minmax(0, 1fr); gap: 3.5rem; align-items: start; }
  .contents { position: sticky; top: 0; padding: 2.4rem 0; max-height: 100vh; overflow-y: auto; }
  .contents ol { flex-direction: column; gap: 0.4rem; }
}

.ref { display: inline-block; padding: 0 0.35em; margin-left: 0.15em; border: 1px solid var(--rule); border-radius: 0.6em; font: 500 0.75rem/1.45 var(--sans); text-decoration: none; color: var(--accent); vertical-align: 0.12em; letter-spacing: 0; overflow-wrap: normal; }
.ref:hover { border-color: currentColor; }
.summary { margin: 0 0 1.75rem; padding: 0; list-style: none; max-width: 46rem; font-size: 1.0625rem; }
.summary li { padding: 0.55rem 0 0.55rem 1.1rem; margin: 0; border-left: 3px solid var(--rule); }
.summary li + li { margin-top: 0.35rem; }
.tiles { margin: 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(7.5rem, 1fr)); gap: 1px; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; overflow: hidden; }
.tiles div { box-shadow: 0 0 0 1px var(--rule); padding: 0.8rem 1rem; display: flex; flex-direction: column-reverse; }
.tiles dt { color: var(--muted); font-size: 0.8125rem; }
.tiles dd { margin: 0; font: 500 1.5rem/1.3 var(--serif); font-variant-numeric: lining-nums; }

.card { background: var(--card); border: 1px solid var(--rule); border-radius: 8px; padding: 1rem 1.15rem; margin: 0; }
.cards { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.75rem; }
.cards .card { display: grid; grid-template-columns: 2rem minmax(0, 1fr); gap: 0.5rem; margin: 0; }
.card:target { border-color: var(--accent); box-shadow: 0 0 0 1px var(--accent); }
.rank { font: 500 1.375rem/1.3 var(--serif); color: var(--muted); }
.cards .meta { display: flex; flex-wrap: wrap; gap: 0.15rem 0.75rem; margin: 0 0 0.2rem; font-size: 0.8125rem; }
.kind { font-weight: 600; color: var(--ink); }
.confidence { white-space: nowrap; }
.confidence > span { letter-spacing: 0.08em; font-size: 0.7rem; }
.confidence.strong > span { color: var(--accent); }
.id { margin-left: auto; }
.claim { margin: 0; font-size: 1.0625rem; line-height: 1.5; }
.statement { margin: 0.35rem 0 0; color: var(--muted); font-size: 0.9375rem; }
.provenance { margin-top: 0.6rem; font-size: 0.875rem; }
td .provenance { margin-top: 0.1rem; font-size: 0.8125rem; }
summary { cursor: pointer; color: var(--accent); width: fit-content; }
.provenance ul { margin: 0.4rem 0 0; padding-left: 1.1rem; }
.method { color: var(--muted); }
.method::before { content: " · "; }
.evidence { margin: 0.5rem 0; display: flex; flex-wrap: wrap; gap: 0.35rem 1.5rem; }
.evidence dt { color: var(--muted); font-size: 0.75rem; }
.evidence dd { margin: 0; font-weight: 550; }
.more { margin-top: 0.9rem; }
.more > summary { padding: 0.3rem 0; margin-bottom: 0.5rem; font-weight: 550; }

figure { margin: 0; }
.series-figure { margin: 0 0 1.25rem; padding: 1.15rem; background: var(--card); border: 1px solid var(--rule); border-radius: 8px; }
.figure-row { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); gap: 1.25rem 2rem; align-items: center; margin-top: 1rem; padding-top: 1rem; border-top: 1px solid var(--rule); }
.figures { margin: 0; font-size: 0.875rem; }
.figures div { display: flex; justify-content: space-between; gap: 1rem; padding: 0.22rem 0; border-bottom: 1px solid var(--soft); }
.figures dt { color: var(--muted); }
.figures dd { margin: 0; text-align: right; font-weight: 550; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.1rem 1.25rem; margin: 0.5rem 0 0; padding: 0; font-size: 0.8125rem; color: var(--muted); }
.legend li { display: inline-flex; align-items: center; gap: 0.45rem; margin: 0; }
.legend svg { flex: none; }
.matrix-figure { margin: 1rem 0 1.5rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: 1rem; align-items: start; }

svg { display: block; max-width: 100%; height: auto; }
.series-figure .wide > svg, .series-figure .narrow > svg, .figure-row > svg { width: 100%; }
.narrow { display: none; }
.narrow > svg, .figure-row > svg { max-width: 28rem; }
@media screen and (max-width: 36rem) {
  .wide { display: none; }
  .narrow { display: block; }
  .series-figure { padding: 1rem 0.6rem; }
  .cards .card { grid-template-columns: 1.4rem minmax(0, 1fr); padding: 0.9rem 0.8rem; }
}
svg text { font: 400 12px var(--sans); fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .tick { fill: var(--muted); }
line.grid { stroke: var(--rule); stroke-width: 1; }
line.axis { stroke: var(--muted); stroke-width: 1; }
path.series { fill: none; stroke: var(--accent); stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.point { fill: var(--accent); }
.unseen { fill-opacity: 0; }
.trend { fill: none; stroke: var(--trend); stroke-width: 1.5; stroke-dasharray: 6 4; }
.band { fill: var(--trend); fill-opacity: 0.14; }
.change { fill: none; stroke: var(--shift); stroke-width: 1.25; stroke-dasharray: 2 3; }
svg .change-label { fill: var(--shift); }
.anomaly { fill: var(--alert); fill-opacity: 0.18; stroke: var(--alert); stroke-width: 1.75; }
svg .anomaly-label { fill: var(--alert); font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; }
.bar { fill: var(--accent); fill-opacity: 0.75; }
.dot { fill: var(--accent); fill-opacity: 0.55; }
.dot.dense { fill-opacity: 0.3; }
.interval { stroke: var(--accent); stroke-width: 5; stroke-opacity: 0.35; stroke-linecap: round; }
.group-dot { fill: var(--accent); }
.multiples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr)); gap: 0.75rem 1rem; margin: 0.5rem 0; }
.multiples svg { width: 100%; }
.multiples .meta { margin: 0; font-size: 0.8125rem; }
.grid.wide-cells { grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); margin: 1rem 0 0.5rem; }
.grid.wide-cells svg { width: 100%; }
.figure-row.first { margin-top: 0; padding-top: 0; border-top: 0; }
.median { stroke: var(--ink); stroke-width: 1.25; stroke-dasharray: 4 3; }
.cell.together { fill: var(--together); }
.cell.opposite { fill: var(--opposite); }
.spark path.series { stroke-width: 1.4; }
.share { height: 0.6rem; width: 100%; min-width: 3rem; border-radius: 2px; }
.share .rail { fill: var(--soft); }
.share.missing .bar { fill: var(--shift); }
.with-bar { white-space: nowrap; }
.with-bar .share { display: inline-block; width: 5rem; vertical-align: middle; margin-right: 0.4rem; }

.scroll { overflow-x: auto; margin: 0 0 0.75rem; border: 1px solid var(--rule); border-radius: 8px; background: var(--card); }
table { border-collapse: collapse; width: 100%; font-size: 0.875rem; line-height: 1.4; }
th, td { padding: 0.5rem 0.75rem; text-align: left; vertical-align: top; overflow-wrap: break-word; }
thead th { color: var(--muted); font-weight: 550; font-size: 0.8125rem; white-space: nowrap; border-bottom: 1px solid var(--rule); }
tbody tr + tr > * { border-top: 1px solid var(--soft); }
tbody th { font-weight: 550; min-width: 9.5rem; max-width: 20rem; overflow-wrap: anywhere; }
td.long { min-width: 7rem; max-width: 16rem; overflow-wrap: anywhere; }
td small { display: block; color: var(--muted); font-size: 0.8125rem; white-space: nowrap; }
td.slope { text-align: right; min-width: 8rem; }
.scroll td:last-child { min-width: 10rem; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.nowrap { white-space: nowrap; }
.table-name { margin: 1rem 0 0.5rem; }
.bars th, .bars td { padding: 0.25rem 0; vertical-align: middle; border: 0; }
.bars tr + tr > * { border: 0; }
.bars th { min-width: 5.5rem; width: 42%; hyphens: auto; font-weight: 400; padding-right: 0.75rem; }
.bars td.number { padding-left: 0.75rem; }

.text { margin-bottom: 1rem; }
.phrases { list-style: none; display: flex; flex-wrap: wrap; gap: 0.35rem; padding: 0; margin: 0 0 0.75rem; }
.phrases li { margin: 0; padding: 0.05rem 0.6rem; background: var(--soft); border-radius: 1em; font-size: 0.8125rem; }
blockquote { margin: 0 0 0.6rem; padding-left: 0.9rem; border-left: 3px solid var(--rule); font-family: var(--serif); }
.image { padding: 0; overflow: hidden; }
.image img { display: block; width: 100%; height: 11rem; object-fit: contain; background: var(--soft); }
.image figcaption { padding: 0.7rem 0.9rem; }
.image p { margin: 0; font-size: 0.875rem; }
.image .name { font-weight: 600; }
.image .alert { margin-top: 0.3rem; }
.no-image { height: 11rem; display: grid; place-content: center; background: var(--soft); color: var(--muted); }
.palette { width: 100%; height: 0.75rem; }
.rejected li { margin: 0.4rem 0; }
.sources { list-style: none; padding: 0; margin: 0; }
.sources li { padding: 0.55rem 0; border-bottom: 1px solid var(--rule); display: grid; gap: 0 1rem; }
.sources .name { font-weight: 550; }
.sources .meta { margin: 0; }
footer { max-width: 74rem; margin: 2.5rem auto 0; padding: 1.25rem clamp(1rem, 4vw, 2.5rem) 3rem; color: var(--muted); font-size: 0.8125rem; border-top: 1px solid var(--rule); }

@page { margin: 16mm 15mm; }
@media print {
  :root { --page: #ffffff; color-scheme: light; }
  body { font-size: 9.5pt; }
  .contents, .skip { display: none; }
  .masthead, .page, footer { padding-left: 0; padding-right: 0; max-width: none; }
  .masthead { padding-top: 0; }
  .headline { font-size: 20pt; }
  h2, h3, figcaption, h2 + .lead, h2 + p { break-after: avoid; }
  .card, .series-figure, .matrix-figure, tr, blockquote, .sources li { break-inside: avoid; }
  thead { display: table-header-group; }
  .scroll { overflow: visible; border: 0; }
  th, td { padding: 0.3rem 0.4rem; }
  .scroll td:last-child, tbody th { min-width: 0; }
  .wide > svg { max-height: 85mm; }
  summary { list-style: none; color: var(--muted); }
  .provenance::details-content { content-visibility: visible; display: block; height: auto; }
  td .provenance, .more > summary { display: none; }
  .more::details-content { content-visibility: visible; display: block; height: auto; }
  a { color: inherit; text-decoration: none; }
}
`
