import t from 'tap'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { stepConsumers } from '#subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { refreshQueueGauges } from '../../../services/orchestrator/registry/queue-gauges.ts'
import { QueueShares } from '../../../services/orchestrator/registry/queue-shares.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
for (const consumer of stepConsumers('ingest')) await bus.consumers.provision(consumer)
const send = (subject: string, id: string) =>
  bus.publisher.publish(subject, '{}', { msgId: MESSAGE_IDS.dispatch('t', id, 1) })
await Promise.all([
  send(SUBJECTS.step('ingest', 2), 'a'),
  send(SUBJECTS.step('ingest', 2), 'b'),
  send(SUBJECTS.step('ingest', 0), 'c'),
  send(SUBJECTS.submit('report'), 'd'),
])

t.test(
  'what waits is told by one orchestrator: by agent and priority, and shared out over types',
  async (t) => {
    const types = new QueueShares()
    for (let i = 0; i < 3; i++) types.count('ingest', 'report', 1)
    let isReporter = true
    let nowMs = bus.brokerClock.nowMs()
    const metrics = createMetrics()
    refreshQueueGauges({
      bus,
      metrics,
      isReporter: () => isReporter,
      registry: { list: async () => [{ type: 'ingest' }] },
      types,
      taskTypes: ['plan', 'report'],
      brokerNowMs: () => nowMs,
    })
    nowMs += 5000
    const text = await metrics.expose()
    for (const line of [
      'queue_depth{task_type="plan"} 0',
      'queue_depth{task_type="report"} 4',
      'murmur_queue_depth{agent="ingest",priority="2"} 2',
      'murmur_queue_depth{agent="ingest",priority="0"} 1',
      'murmur_queue_depth{agent="ingest",priority="1"} 0',
      'murmur_queue_in_work{agent="ingest",priority="2"} 0',
      'murmur_queue_oldest_age_seconds{agent="ingest",priority="1"} 0',
      'murmur_stream_messages{stream="steps"} 3',
    ])
      t.ok(text.includes(`${line}\n`), line)
    const [, age] = /murmur_queue_oldest_age_seconds\{agent="ingest",priority="2"\} (\S+)/.exec(text) ?? []
    t.ok(Number(age) >= 4 && Number(age) < 60, `the oldest has waited for ${age} s`)
    isReporter = false
    const other = await metrics.expose()
    t.notMatch(other, /murmur_queue_depth\{/, 'another one tells nothing, so that sums are right')
    t.notMatch(other, /\nqueue_depth\{/)
  },
)

t.test('steps of an agent are shared out by the types that have steps there', async (t) => {
  const shares = new QueueShares()
  t.strictSame([...shares.share('x', 4)], [['other', 4]])
  shares.count('x', 'plan', 1)
  for (let i = 0; i < 3; i++) shares.count('x', 'report', 1)
  t.strictSame(
    [...shares.share('x', 4)],
    [
      ['plan', 1],
      ['report', 3],
    ],
  )
  shares.count('x', 'plan', -1)
  shares.count('x', 'plan', -1)
  t.strictSame([...shares.share('x', 4)], [['report', 4]], 'never below none')
})

t.test('what waits for agents of which none lives is told, too', async (t) => {
  await Promise.all([send(SUBJECTS.step('absent', 2), 'e'), send(SUBJECTS.stepAt('absent', 3), 'f')])
  const metrics = createMetrics()
  const { nowMs: brokerNowMs } = bus.brokerClock
  const registry = { list: async () => [] }
  const about = { bus, metrics, registry, types: new QueueShares(), taskTypes: [], brokerNowMs }
  refreshQueueGauges({ ...about, isReporter: () => true })
  const text = await metrics.expose()
  for (const line of [
    'murmur_queue_depth{agent="absent",priority="2"} 1',
    'murmur_queue_depth{agent="absent",priority="0"} 0',
    'murmur_queue_depth{agent="ingest",priority="2"} 2',
    'queue_depth{task_type="other"} 4',
  ])
    t.ok(text.includes(`${line}\n`), line)
})
