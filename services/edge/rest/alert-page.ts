import type { Alert } from '#schemas/alert.ts'

const COLOURS = { critical: '#c62828', high: '#ef6c00', medium: '#f9a825', low: '#546e7a' } as const

/** An alert as a page for people, with nothing that runs. `picture`: its address, relative to the page. Pure. */
export function alertPage(alert: Alert, picture: string): string {
  const { severity, camera, message, snapshot, status } = alert
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
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; color: #1b1f23 }
h1 { font-size: 1.25rem } img { max-width: 100%; height: auto; border: 1px solid #d0d7de }
b { color: #fff; background: ${COLOURS[severity]}; padding: .1rem .5rem; border-radius: .25rem; text-transform: uppercase }
th { text-align: left; padding-right: 1rem; vertical-align: top; font-weight: normal; color: #57606a }
</style>
</head>
<body>
<h1><b>${escapeHtml(severity)}</b> ${escapeHtml(message)}</h1>
<p>${escapeHtml(camera)}, ${escapeHtml(status)}</p>
${snapshot ? `<p><img src="${escapeHtml(picture)}" alt="${escapeHtml(message)}"></p>` : ''}
<table>
${rows.join('\n')}
</table>
</body>
</html>
`
}

function factsOf(alert: Alert): [what: string, value: string][] {
  const { id, rule, atMs, changedBy, changedAtMs, note, incident, objects, occurrences } = alert
  return [
    ['When', timeText(atMs)],
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
