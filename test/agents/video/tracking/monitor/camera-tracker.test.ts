import t from 'tap'
import type { Publisher } from '#platform/nats/publisher.ts'
import type { Detections } from '#schemas/detection.ts'
import { createTestContext } from '#sdk/testing.ts'
import type { Tracks } from '../../../../../schemas/camera.ts'
import { trackingInputSchema } from '../../../../../schemas/monitor-steps.ts'
import { createCameraTracker } from '../../../../../services/agents/video/tracking/monitor/camera-tracker.ts'
import type { CheckpointStore } from '../../../../../services/agents/video/tracking/monitor/checkpoint-store.ts'
import { createEventOutbox } from '../../../../../services/agents/video/tracking/monitor/event-outbox.ts'
import type { Checkpoint } from '../../../../../services/agents/video/tracking/monitor/monitor-state.ts'
import { monitorSetup } from '../../../../../services/agents/video/tracking/monitor/step-monitor.ts'
import { person, rule, START_MS, ZONE } from '../tracking-fixtures.ts'

/** A tracker whose Redis, stream and clock are lists; `order` is what it did, in order. */
function trackerOf(previous?: Checkpoint) {
  const order: string[] = []
  const saved: Checkpoint[] = []
  const published: Tracks[] = []
  const time = { ms: 0 }
  const store: CheckpointStore = {
    load: async () => undefined,
    async save(checkpoint) {
      saved.push(structuredClone(checkpoint()))
      order.push('saved')
    },
  }
  const publisher = {
    async publish() {
      order.push('event sent')
    },
  } as unknown as Publisher
  const ctx = createTestContext({ taskId: 'm' })
  const input = trackingInputSchema.parse({
    camera: 'yard',
    zones: [ZONE],
    rules: [rule('intrusion', { zone: 'yard' })],
  })
  const tracker = createCameraTracker(
    {
      setup: monitorSetup(input, { monitor: 'm', tenant: 'acme', minScore: 0.35 }),
      bus: {
        publishCore(_subject, data) {
          published.push(JSON.parse(String(data)))
          order.push('tracks')
        },
      },
      clock: {
        nowMs: () => START_MS + 40,
        monotonicMs: () => time.ms,
        sleep: () => new Promise(() => undefined),
      },
      store,
      outbox: createEventOutbox({ publisher }, () => t.fail('an event was lost')),
      ctx,
    },
    previous,
  )
  const show = (seq: number, more: Partial<Detections> = {}) =>
    tracker.onDetections({
      ...{
        v: 1,
        camera: 'yard',
        monitor: 'm',
        epoch: 1,
        seq,
        atMs: START_MS + seq * 100,
        mediaMs: seq * 100,
      },
      ...{ capturedAtMs: START_MS, pace: 'live', model: 'test', detector: 'd', skipped: 0, inferMs: 1 },
      detections: [person([0.5, 0.5])],
      ...more,
    })
  return { tracker, show, order, saved, published, time, ctx }
}

t.test(
  'an event is in a checkpoint before it is sent, and out of the next one when it is stored',
  async (t) => {
    const { tracker, show, order, saved } = trackerOf()
    for (const seq of [1, 2, 3]) show(seq)
    await tracker.settled()
    t.strictSame(order.slice(0, 5), ['tracks', 'tracks', 'tracks', 'saved', 'event sent'])
    t.equal(saved[0]?.events.length, 1)
    await tracker.save()
    t.strictSame(saved.at(-1)?.events, [])
  },
)

t.test('a frame that comes late publishes nothing; its latency is none', async (t) => {
  const { tracker, show, published } = trackerOf()
  show(2)
  show(1)
  t.equal(published.length, 1)
  t.match(published[0], { seq: 2, latencyMs: 40 })
  t.equal(tracker.epoch, 1)
})

t.test('progress and checkpoints come once a second', async (t) => {
  const { show, saved, time, ctx } = trackerOf()
  show(1, { detections: [] })
  show(2, { detections: [] })
  t.strictSame([ctx.progressed.length, saved.length], [1, 0])
  time.ms = 1000
  show(3, { detections: [] })
  show(4, { detections: [] })
  t.strictSame([ctx.progressed.length, saved.length], [2, 1])
  t.equal(ctx.progressed[0]?.note, '0 persons, 0 vehicles · 0 alerts')
})

t.test(
  'the next instance resumes with ids and counts, and finds the summary once there is one',
  async (t) => {
    const first = trackerOf()
    for (const seq of [1, 2, 3, 4]) first.show(seq)
    await first.tracker.settled()
    await first.tracker.save()
    const second = trackerOf(first.saved.at(-1))
    second.show(5)
    t.strictSame(
      second.published[0]?.tracks.map(({ id }) => id),
      [1],
    )
    const summary = await second.tracker.finish({ epoch: 1, decoded: 6, droppedAtCapture: 0 })
    t.match(summary, { frames: { analysed: 5, droppedAtDetection: 1 }, events: { intrusion: 1 } })
    t.strictSame(second.saved.at(-1)?.summary, summary)
  },
)
