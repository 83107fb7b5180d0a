import type { Alert } from '#schemas/alert.ts'

/** Each with at least 4.5:1 between text and ground. */
const BADGES = {
  critical: { back: '#b3261e', text: '#fff' },
  high: { back: '#b54708', text: '#fff' },
  medium: { back: '#f9c33c', text: '#1b1f23' },
  low: { back: '#546e7a', text: '#fff' },
} as const

/** Light or dark, as the reader has it. */
const STYLE = `:root { color-scheme: light dark; --text: #1b1f23; --dim: #57606a; --line: #d0d7de; --ground: #fff }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --dim: #9198a1; --line: #3d444d; --ground: #0d1117 } }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: var(--text); background: var(--ground) }
h1 { font-size: 1.25rem; line-height: 1.4; margin: .5rem 0 0 }
h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
b { font-size: .8rem; letter-spacing: .04em; padding: .15rem .5rem; border-radius: .25rem; text-transform: uppercase; vertical-align: .1em }
.about { color: var(--dim); margin: .25rem 0 1rem }
img, video { display: block; width: 100%; height: auto; box-sizing: border-box; border: 1px solid var(--line); border-radius: .375rem }
video { background: #000; aspect-ratio: 16 / 9 }
table { margin-top: 1.5rem; border-collapse: collapse }
th, td { padding: .25rem 1.5rem .25rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { font-weight: normal; color: var(--dim); white-space: nowrap }
a { color: inherit }`

/** Addresses of what there is to be shown, relative to the page. */
export interface AlertMedia {
  picture?: string
  clip?: string
}

/** An alert as a page for people, with nothing that runs. Pure. */
export function alertPage(alert: Alert, { picture, clip }: AlertMedia): string {
  const { severity, camera, message, status } = alert
  const rows = factsOf(alert).map(
    ([what, value]) => `<tr><th>${escapeHtml(what)}</th><td>${escapeHtml(value)}</td></tr>`,
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(`${severity}: ${message}`)}</title>
<style>
${STYLE}
b { background: ${BADGES[severity].back}; color: ${BADGES[severity].text} }
</style>
</head>
<body>
<h1><b>${escapeHtml(severity)}</b> ${escapeHtml(message)}</h1>
<p class="about">${escapeHtml(camera)} · ${escapeHtml(timeText(alert.atMs))} · ${escapeHtml(status)}</p>
${picture === undefined ? '' : `<img src="${escapeHtml(picture)}" alt="${escapeHtml(message)}">`}
${clip === undefined ? '' : clipOf(clip)}
<table>
${rows.join('\n')}
</table>
</body>
</html>
`
}

/** Browsers don't play every codec that cameras have: then it can still be fetched. */
function clipOf(address: string): string {
  const at = escapeHtml(address)
  return `<h2>The clip</h2>
<video controls preload="metadata" src="${at}"></video>
<p class="about">From ten seconds before to twenty after. <a href="${at}" download>Save it</a></p>`
}

function factsOf(alert: Alert): [what: string, value: string][] {
  const { id, rule, changedBy, changedAtMs, note, incident, objects, occurrences, model, modelWarning } =
    alert
  return [
    ['Rule', `${rule.id} (${rule.kind})`],
    ...(objects.length > 0
      ? [
          [
            'Seen',
            objects.map(({ label, score }) => `${label} ${Math.round(score * 100)} %`).join(', '),
          ] as Fact,
        ]
      : []),
    ...(occurrences > 1 ? [['Times', String(occurrences)] as Fact] : []),
    ...(incident?.endedAtMs === undefined ? [] : [['Over', timeText(incident.endedAtMs)] as Fact]),
    ...(incident?.reason === undefined ? [] : [['Why', incident.reason] as Fact]),
    ...(changedAtMs === undefined
      ? []
      : [['Changed', `${timeText(changedAtMs)} by ${changedBy ?? 'somebody'}`] as Fact]),
    ...(note === undefined ? [] : [['Note', note] as Fact]),
    ...(model === undefined ? [] : [['Model', modelWarning ? `${model}: ${modelWarning}` : model] as Fact]),
    ['Alert', id],
  ]
}

type Fact = [what: string, value: string]

/** `2026-09-21 14:13:21 UTC` */
function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
