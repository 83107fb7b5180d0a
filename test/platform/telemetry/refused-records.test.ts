import t from 'tap'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { RefusedRecords } from '#platform/telemetry/refused-records.ts'

t.test('all are counted and told, so many a second are logged and audited', async (t) => {
  const metrics = createMetrics()
  const [logged, audited]: [object[], object[]] = [[], []]
  let nowMs = 0
  const refused = new RefusedRecords({
    log: { error: (about: object) => void logged.push(about) } as never,
    metrics,
    audit: { write: (line) => void audited.push(line) },
    clock: { monotonicMs: () => nowMs },
  })
  t.strictSame(refused.facts(), {})
  const record = { stream: 'KEYS', subject: 'keys.x', why: 'no seal' }
  for (let seq = 1; seq <= 100; seq++) refused.note({ ...record, seq })
  refused.note({ stream: 'LOG', subject: 'log.1.control', seq: 7, why: 'no seal' })
  t.strictSame(refused.facts(), { 'refused-records': 'KEYS 100, LOG 1' })
  t.match(await metrics.expose(), /murmur_records_refused_total\{stream="KEYS"\} 100/)
  t.equal(audited.length, 20)
  t.equal(logged.length, 20)
  t.match(audited[0], {
    operation: 'storeRecord',
    subject: 'unknown',
    target: 'KEYS keys.x 1',
    code: 'FORBIDDEN',
  })
  nowMs = 1000
  refused.note({ ...record, seq: 101 })
  t.equal(audited.length, 21)
})
