import t from 'tap'
import { AskedChanges } from '#platform/telemetry/asked-changes.ts'

const change = (operation: string, about: { subject?: string; code?: string } = {}) => ({
  ...{ operation, tenant: 'acme', subject: 'nats:client-acme', code: 'OK' },
  ...about,
})

function changes(hasFile: boolean) {
  const lines: object[] = []
  let nowMs = 0
  const asked = new AskedChanges({
    audit: { write: (line) => void lines.push(line) },
    hasFile,
    clock: { monotonicMs: () => nowMs },
  })
  return { asked, lines, pass: (ms: number) => (nowMs += ms) }
}

t.test('the log of a service has changes that stand nowhere else, and all that is refused', async (t) => {
  const { asked, lines } = changes(false)
  asked.take(change('cancelTask'))
  asked.take(change('cancelTask', { subject: 'nats:edge' }))
  asked.take(change('submitTask'))
  asked.take(change('submitTask', { code: 'QUOTA_EXCEEDED' }))
  t.match(lines, [
    { transport: 'nats', operation: 'cancelTask', subject: 'nats:client-acme', tenant: 'acme', code: 'OK' },
    { operation: 'submitTask', code: 'QUOTA_EXCEEDED' },
  ])
  t.equal(lines.length, 2)
})

t.test('a file has all of them', async (t) => {
  const { asked, lines } = changes(true)
  for (const one of [change('cancelTask', { subject: 'nats:edge' }), change('submitTask')]) asked.take(one)
  t.equal(lines.length, 2)
})

t.test('of refusals so many a second, and how many were left out; changes never', async (t) => {
  const { asked, lines, pass } = changes(false)
  for (let i = 0; i < 70; i++) asked.take(change('cancelTask', { code: 'TASK_NOT_FOUND' }))
  for (let i = 0; i < 70; i++) asked.take(change('cancelTask'))
  t.equal(lines.length, 120)
  pass(1000)
  asked.take(change('cancelTask', { code: 'TASK_NOT_FOUND' }))
  asked.take(change('cancelTask', { code: 'TASK_NOT_FOUND' }))
  t.match(lines.slice(-2), [{ leftOut: 20 }, { leftOut: undefined }])
})
