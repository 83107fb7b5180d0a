import t from 'tap'
import { createSourceSealer } from '#platform/secrets/source-sealing.ts'
import { Intake, type IntakeDeps } from '../../../services/orchestrator/intake/intake.ts'
import { MurmurError } from '../../../services/platform/errors/murmur-error.ts'
import type { Delivery } from '../../../services/platform/nats/delivery.ts'
import { until } from '../../support/until.ts'

const PLAN = { steps: [{ id: 'a', agent: 'x', input: {} }] }

/** One message in the durable queue, a log that answers when the test wants, and what was said to the broker, in order. */
function intake(about: { submission?: object; admit?: () => void; store?: () => Promise<unknown[]> } = {}) {
  const said: string[] = []
  const stored = Promise.withResolvers<{ seq: number; duplicate: boolean }>()
  const publish = (subject: string) => {
    said.push(`publish ${subject.replace(/\d+/, 'N')}`)
    return stored.promise
  }
  let receive: (delivery: Delivery) => void = () => undefined
  const bus = {
    streams: { createdAt: async () => '2026-01-01T00:00:00Z', messageAt: async () => undefined },
    serve: () => () => undefined,
    consumers: {
      createPuller: (_: unknown, onMessage: (delivery: Delivery) => void) => {
        receive = onMessage
        // Nothing more comes than what the test hands over.
        return { pull: () => new Promise(() => undefined), abandon: () => undefined }
      },
    },
    publisher: { publish },
    publishCore: (subject: string) => void said.push(`tell ${subject}`),
    messageAt: async () => undefined,
  }
  const nothing = () => undefined
  const metric = { labels: () => ({ inc: nothing, observe: nothing, set: nothing }) }
  const intake = new Intake({
    sources: createSourceSealer(undefined),
    bus,
    store: {
      readTasks: about.store ?? (async () => [undefined]),
      position: async () => ({ offset: 1, emitted: 1, level: true }),
    },
    partitions: 4,
    admission: { admit: about.admit ?? (() => ({ stored: nothing, withdrawn: nothing })), room: () => 1 },
    outcomes: { record: async () => undefined },
    clock: { sleep: async () => undefined, nowMs: () => 1, monotonicMs: () => 1 },
    isKnownAgent: async () => true,
    metrics: { counter: () => metric, histogram: () => metric, gauge: () => metric },
    tracing: { startTraceparent: nothing, records: () => false },
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  } as unknown as IntakeDeps)
  const deliver = async () => {
    await intake.start()
    const settle = (how: string) => () => void said.push(how)
    receive({
      subject: 'tasks.submit.plan',
      seq: 7,
      data: Buffer.from(JSON.stringify(about.submission ?? { plan: PLAN })),
      header: (name: string) => (name === 'Nats-Msg-Id' ? 'key-1' : undefined),
      ack: settle('ack'),
      nak: settle('nak'),
      term: settle('term'),
    } as unknown as Delivery)
  }
  return { said, stored, deliver }
}

t.test('a submission leaves the queue when the log has it, and not before', async (t) => {
  const { said, stored, deliver } = intake()
  await deliver()
  await until('it is on its way into the log', () => said.length > 0)
  t.strictSame(said, ['publish log.N.accepted'], 'and nothing was said to the queue')
  stored.resolve({ seq: 1, duplicate: false })
  await until('it is acknowledged', () => said.includes('ack'))
  t.strictSame(said, ['publish log.N.accepted', 'ack'])
})

t.test('a submission that the log does not take comes again', async (t) => {
  const { said, stored, deliver } = intake()
  await deliver()
  await until('it is on its way into the log', () => said.length > 0)
  stored.reject(new MurmurError('UNAVAILABLE', 'the connection is closed'))
  await until('it is settled', () => said.length > 1)
  t.strictSame(said, ['publish log.N.accepted', 'nak'])
})

t.test('what there is no room for waits in the queue', async (t) => {
  for (const code of ['OVERLOADED', 'QUOTA_EXCEEDED'] as const) {
    const { said, deliver } = intake({
      admit: () => {
        throw new MurmurError(code, 'too much', { retryAfterMs: 10 })
      },
    })
    await deliver()
    await until('it is settled', () => said.length > 0)
    t.strictSame(said, ['nak'], code)
  }
})

t.test('while the store is away nothing is refused for good', async (t) => {
  const { said, deliver } = intake({ store: () => Promise.reject(new Error('Redis is away')) })
  await deliver()
  await until('it is settled', () => said.length > 0)
  t.strictSame(said, ['nak'])
})

t.test('what is not valid leaves the queue, and is told', async (t) => {
  const { said, deliver } = intake({ submission: { plan: { steps: [] } } })
  await deliver()
  await until('it is settled', () => said.includes('term'))
  t.strictSame(said, ['tell tasks.rejected.plan', 'term'])
})
