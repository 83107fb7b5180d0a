import t from 'tap'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { createTracing } from '#platform/telemetry/tracing.ts'
import { startRequest } from '../../../services/edge/access/request-trace.ts'
import { quietLog } from '../../support/owner-fixture.ts'

const metrics = createMetrics({ parts: ['edge'] })
const tracing = await createTracing({ service: 'test', instance: 'test', traceRatio: 0 }, quietLog)
const request = (isStream = false) =>
  startRequest(
    { metrics, tracing },
    { transport: 'rest', operation: 'submitTask', traceparent: undefined, isStream },
  )
const reading = async (series: string) => {
  const line = (await metrics.expose()).split('\n').find((each) => each.startsWith(`${series} `))
  return line === undefined ? 0 : Number(line.slice(series.length + 1))
}

t.test('an answer is counted by whose fault it was if it was not as the client wished', async (t) => {
  t.equal(await reading('murmur_edge_outcomes_total{outcome="fault"}'), 0, 'there before it happens')
  for (const code of ['OK', 'OK', 'INVALID_SUBMISSION', 'ABORTED', 'OVERLOADED', 'UNAVAILABLE', 'INTERNAL'])
    request().end(code)
  t.equal(await reading('murmur_edge_outcomes_total{outcome="ok"}'), 2)
  t.equal(await reading('murmur_edge_outcomes_total{outcome="caller"}'), 2)
  t.equal(await reading('murmur_edge_outcomes_total{outcome="fault"}'), 3)
})

t.test(
  'the time of an answer counts, unless it stays open or waits for something else, and once',
  async (t) => {
    const count = () =>
      reading('murmur_edge_request_duration_seconds_count{transport="rest",operation="submitTask"}')
    const before = await count()
    request(true).end('OK')
    const waiting = request()
    waiting.waits()
    waiting.end('OK')
    t.equal(await count(), before)
    const plain = request()
    plain.end('OK')
    plain.end('OK')
    t.equal(await count(), before + 1)
  },
)
