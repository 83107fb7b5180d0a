// Submits reports as a client does: again with the same key until each is accepted, then until each has ended. Prints how they ended.
//
//   KEY=… node submit-reports.mjs URL COUNT PREFIX

const [url, count, prefix] = process.argv.slice(2)
const PATIENCE_MS = 120_000
const headers = { authorization: `Bearer ${process.env.KEY}`, 'content-type': 'application/json' }
const rows = Array.from(
  { length: 2000 },
  (_, i) => `2026-01-${1 + (i % 28)},${i % 7},${(i * 37) % 101}`,
).join('\n')
const untilMs = performance.now() + PATIENCE_MS

/** Asks until the answer is no fault of the moment. */
async function ask(path, options = {}) {
  for (;;) {
    const answer = await fetch(`${url}${path}`, {
      ...options,
      headers: { ...headers, ...options.headers },
    }).catch(() => undefined)
    const body = await answer?.json().catch(() => undefined)
    if (answer && body && answer.status < 500 && answer.status !== 429) return body
    if (performance.now() > untilMs) throw new Error(`${path}: ${answer?.status} ${JSON.stringify(body)}`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function report(number) {
  const sources = [{ name: 'sales.csv', text: `day,shop,sales\n${rows}` }]
  const { taskId } = await ask('/v1/tasks', {
    method: 'POST',
    headers: { 'idempotency-key': `${prefix}-${number}` },
    body: JSON.stringify({ type: 'report', input: { title: `Report ${number}`, sources } }),
  })
  process.stderr.write('accepted\n')
  for (;;) {
    const { task } = await ask(`/v1/tasks/${taskId}`)
    if (task.finishedAtMs !== undefined) return task.status
    if (performance.now() > untilMs) return `still ${task.status}`
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

const ends = await Promise.all(Array.from({ length: Number(count) }, (_, number) => report(number)))
const counts = {}
for (const end of ends) counts[end] = (counts[end] ?? 0) + 1
process.stdout.write(JSON.stringify(counts))
