import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { CapacityCheck, type CapacitySample } from '../../../services/orchestrator/intake/capacity-check.ts'
import { CapacitySampler } from '../../../services/orchestrator/intake/capacity-sampler.ts'
import { QueueForecast, type QueueSample } from '../../../services/orchestrator/intake/queue-forecast.ts'
import { ParkedCount } from '../../../services/orchestrator/partition/parked-steps.ts'
import type { StreamFill } from '../../../services/platform/nats/streams.ts'
import { quietLog } from '../../support/owner-fixture.ts'

class SeenRoom extends CapacityCheck {
  readonly samples: CapacitySample[] = []
  override observe(sample: CapacitySample): void {
    this.samples.push(sample)
  }
}

class SeenForecast extends QueueForecast {
  readonly looks: [agent: string, look: QueueSample][][] = []
  override observeQueues(looks: ReadonlyMap<string, QueueSample>): void {
    this.looks.push([...looks])
  }
}

const fillOf = (about: Partial<StreamFill> = {}): StreamFill => ({
  bytes: 10,
  maxBytes: 100,
  messages: 1,
  maxMessages: 0,
  lastSeq: 7,
  subjects: new Map(),
  ...about,
})

function watching(subjects: Record<string, number>, known: (name: string) => boolean = () => true) {
  const clock = createManualClock()
  const [room, forecast] = [new SeenRoom({ maxWaitingSteps: 0 }), new SeenForecast()]
  const [parked, metrics] = [new ParkedCount(), createMetrics()]
  let isAway = false
  const watch = new CapacitySampler({
    bus: {
      streams: {
        async fill(stream) {
          if (isAway) throw new Error('no answer')
          return fillOf(stream === 'STEPS' ? { subjects: new Map(Object.entries(subjects)) } : {})
        },
      },
      consumers: {
        depth: async (_stream, name) =>
          known(name)
            ? {
                waiting: name.endsWith('0') ? 3 : 0,
                inWork: 2,
                delivered: 12,
                deliveredSeq: 12,
                settledSeq: 0,
              }
            : undefined,
      },
    },
    capacity: room,
    forecast,
    parked,
    ownShare: () => 0.5,
    orchestrators: () => 2,
    metrics,
    clock,
    log: quietLog,
  })
  const away = (value: boolean) => {
    isAway = value
  }
  return { watch, clock, room, forecast, parked, metrics, away }
}

t.test('a sample has the fills, and the steps that wait in queues or for them', async (t) => {
  const { watch, room, parked, metrics } = watching({
    'steps.x.any.0': 2,
    'steps.x.any.1': 3,
    'steps.y.any.1': 1,
    'other.z.any.1': 9,
  })
  parked.add('x', 4)
  parked.add('z', 1)
  await watch.start()
  await watch.stop()
  t.match(room.samples, [
    { atMs: 0, logSeq: 7, orchestrators: 2, fills: { log: { bytes: 10, maxBytes: 100 } } },
  ])
  const waiting = new Map([
    ['x', 5 + 8],
    ['y', 1],
    ['z', 2],
  ])
  t.strictSame(room.samples[0]!.waiting, waiting, 'half of the partitions have half of those that are parked')
  const text = await metrics.expose()
  t.match(text, /murmur_stream_fill_ratio\{stream="log"\} 0\.1\n/)
  t.match(text, /murmur_steps_parked\{agent="x"\} 4\n/)
})

t.test('queues of the busiest agent types are followed, at every second sample', async (t) => {
  const agents = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`steps.a${i}.any.1`, 10 + i]))
  const { watch, clock, forecast } = watching(agents)
  await watch.start()
  const [looks] = forecast.looks
  t.strictSame(
    looks!.map(([agent]) => agent),
    ['a9', 'a8', 'a7', 'a6', 'a5', 'a4', 'a3', 'a2'],
  )
  t.strictSame(looks![0], ['a9', { waiting: 3, inWork: 8 }])
  t.equal(forecast.looks.length, 1)
  await clock.whenSleeping()
  await clock.advance(500)
  t.equal(forecast.looks.length, 1)
  await clock.advance(500)
  t.equal(forecast.looks.length, 2)
  await watch.stop()
})

t.test('what is not known is not guessed', async (t) => {
  const { watch, clock, room, forecast, away } = watching({ 'steps.x.any.1': 3 }, (name) => name !== 'x-p2')
  await watch.start()
  t.strictSame(forecast.looks, [[]], 'one of its queues is missing')
  away(true)
  await clock.whenSleeping()
  await clock.advance(500)
  t.equal(room.samples.length, 1)
  away(false)
  await clock.advance(500)
  t.equal(room.samples.length, 2, 'and it goes on')
  await watch.stop()
})
