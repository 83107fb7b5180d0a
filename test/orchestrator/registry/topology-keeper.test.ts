import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { BUCKET } from '#subjects/jetstream-api.ts'
import { INTAKE_CONSUMER, STREAMS } from '#subjects/streams.ts'
import { TopologyKeeper } from '../../../services/orchestrator/registry/topology-keeper.ts'
import { quietLog } from '../../support/owner-fixture.ts'

/** A NATS that lacks what a test says; `made` is what the keeper made. */
function keeping() {
  const clock = createManualClock()
  const made: string[] = []
  const state = { connected: true, missing: [] as string[], hasConsumer: true, failures: 0 }
  let polls = 0
  let reconnected: () => void = () => undefined
  const bus = {
    get connected() {
      return state.connected
    },
    onReconnect(listener: () => void) {
      reconnected = listener
      return () => undefined
    },
    streams: {
      async missing(names: string[]) {
        polls++
        if (state.failures-- > 0) throw new Error('no answer')
        return state.missing.filter((name) => names.includes(name))
      },
      async provision({ partitions }: { partitions: number }) {
        made.push('streams')
        return { partitions, copies: { replicas: undefined, isDefault: true, tags: [] } }
      },
    },
    consumers: {
      depth: async () => (state.hasConsumer ? { waiting: 0, inWork: 0, delivered: 0 } : undefined),
      provision: async ({ name }: { name: string }) => void made.push(name),
    },
    objects: { create: async () => void made.push('bucket') },
  } as unknown as Bus
  const plan = { partitions: 4, storageBytes: 1, replicas: undefined, placementTags: undefined }
  const keeper = new TopologyKeeper({ bus, clock, log: quietLog, plan })
  keeper.start()
  return { keeper, clock, made, state, polls: () => polls, reconnect: () => reconnected() }
}

t.test('as long as all is there nothing is made', async (t) => {
  const { keeper, clock, made, polls } = keeping()
  await clock.whenSleeping()
  await clock.advance(4999)
  t.equal(polls(), 0)
  await clock.advance(1)
  t.equal(polls(), 1)
  await clock.advance(5000)
  t.equal(polls(), 2)
  t.strictSame(made, [])
  await keeper.stop()
  t.equal(clock.sleeping, 0)
})

t.test('a NATS that comes back empty gets its streams at once', async (t) => {
  const { keeper, clock, made, state, reconnect } = keeping()
  await clock.whenSleeping()
  state.missing = [STREAMS.log.name, BUCKET.stream]
  reconnect()
  await clock.advance(0)
  t.strictSame(made, ['streams', INTAKE_CONSUMER.name, 'bucket'])
  await keeper.stop()
})

t.test('a queue without its consumer gets it', async (t) => {
  const { keeper, clock, made, state } = keeping()
  state.hasConsumer = false
  await clock.whenSleeping()
  await clock.advance(5000)
  t.strictSame(made, ['streams', INTAKE_CONSUMER.name, 'bucket'], 'what is there is brought to what is asked')
  await keeper.stop()
})

t.test(
  'what could not be looked at is tried again sooner; without a connection nothing is asked',
  async (t) => {
    const { keeper, clock, state, polls } = keeping()
    state.failures = 1
    await clock.whenSleeping()
    await clock.advance(5000)
    t.equal(polls(), 1)
    await clock.advance(1000)
    t.equal(polls(), 2, 'after a second')
    state.connected = false
    await clock.advance(10_000)
    t.equal(polls(), 2)
    await keeper.stop()
  },
)
