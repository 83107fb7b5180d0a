import { randomBytes } from 'node:crypto'
import t from 'tap'
import type { Detections } from '#schemas/detection.ts'
import { DetectionWorker } from '../../../../services/agents/video/detection/detection-worker.ts'
import type { Detector } from '../../../../services/agents/video/detection/detector.ts'
import { encodeFrame } from '../../../../services/agents/video/frames/frame-message.ts'
import { systemClock } from '../../../../services/platform/clock/clock.ts'
import { createMetrics } from '../../../../services/platform/telemetry/metrics.ts'
import { SUBJECTS } from '../../../../subjects/subjects.ts'
import { openBus } from '../../../support/bus.ts'
import { provideQueues } from '../../../support/queues.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'
import { frame } from './detection-fixtures.ts'

const decoder = new TextDecoder()
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await provideQueues(t, bus)
const seen: Detections[] = []
bus.subscribe('detections.*.*', ({ data }) => seen.push(JSON.parse(decoder.decode(data))))

/** Looks at one frame at a time, as soon as it is let. */
class HandDetector implements Detector {
  readonly info = {
    model: 'hand',
    provider: 'cpu',
    classes: ['person'],
    inputs: [{ width: 64, height: 64 }],
    minScore: 0.3,
  }
  readonly batch = 1
  readonly parallel = 1
  gate: Promise<void> = Promise.resolve()
  looked = 0

  fault: Error | undefined

  async detect(...[frames, onRun]: Parameters<Detector['detect']>) {
    this.looked += frames.length
    await this.gate
    if (this.fault) throw this.fault
    onRun?.(2.5)
    return frames.map(() => [])
  }

  async close() {}
}

const detector = new HandDetector()
const metrics = createMetrics()
const warnings: [object, string][] = []
const worker = new DetectionWorker({
  detector,
  instance: 'd1',
  bus,
  frames: await openBus(t, servers.natsUrl),
  clock: systemClock,
  metrics,
  log: {
    debug() {},
    info() {},
    warn: (...line: [object, string]) => warnings.push(line),
    error() {},
  } as never,
})
await worker.start()
t.teardown(() => worker.stop())

async function count(name: string): Promise<number> {
  const line = new RegExp(`^${name} (\\d+)$`, 'm').exec(await metrics.expose())
  return Number(line?.[1] ?? 0)
}

function send(about: Parameters<typeof frame>[0]): void {
  bus.publishCore(SUBJECTS.frames('default', about?.camera ?? 'yard'), encodeFrame(frame(about)))
}

t.test('a frame in, what was seen out, with the times of the frame', async (t) => {
  send({ seq: 7, capturedAtMs: 123, atMs: 456, mediaMs: 789 })
  await until('it was looked at', () => seen.length === 1)
  t.match(seen[0], {
    camera: 'yard',
    monitor: 'm1',
    seq: 7,
    capturedAtMs: 123,
    atMs: 456,
    mediaMs: 789,
    detector: 'd1',
  })
})

t.test(
  'two tenants with a camera of one name: each is told its own, and pushes out nothing of the other',
  async (t) => {
    const told: [subject: string, monitor: string, seq: number][] = []
    const end = bus.subscribe('detections.*.yard', ({ subject, data }) => {
      const { monitor, seq } = JSON.parse(decoder.decode(data)) as Detections
      told.push([subject, monitor, seq])
    })
    t.teardown(end)
    const frameOf = (tenant: string, monitor: string, seq: number) => {
      const one = frame({ monitor, seq })
      return encodeFrame({ ...one, header: { ...one.header, tenant } })
    }
    let open = () => {}
    detector.gate = new Promise((resolve) => {
      open = resolve
    })
    bus.publishCore(SUBJECTS.frames('acme', 'yard'), frameOf('acme', 'of-acme', 1))
    // More than the stream keeps of one camera.
    for (let seq = 1; seq <= 50; seq++)
      bus.publishCore(SUBJECTS.frames('globex', 'yard'), frameOf('globex', 'of-globex', seq))
    await bus.flush()
    open()
    await until('both were looked at, to the newest', () =>
      [
        ['of-acme', 1],
        ['of-globex', 50],
      ].every(([monitor, newest]) => told.some(([, one, seq]) => one === monitor && seq === newest)),
    )
    for (const [subject, monitor] of told)
      t.equal(subject, `detections.${monitor.slice('of-'.length)}.yard`, monitor)
  },
)

t.test('behind: the newest is looked at, and what was let go is counted', async (t) => {
  seen.length = 0
  let open = () => {}
  detector.gate = new Promise((resolve) => {
    open = resolve
  })
  const before = detector.looked
  send({ monitor: 'm2', camera: 'slow', seq: 1 })
  await until('the first is being looked at', () => detector.looked === before + 1)
  for (let seq = 2; seq <= 40; seq++) send({ monitor: 'm2', camera: 'slow', seq })
  await bus.flush()
  open()
  await until('the newest was looked at', () => seen.some(({ seq }) => seq === 40))
  const last = seen.at(-1)!
  t.ok(seen.length < 20, `${seen.length} of 40 were looked at`)
  t.ok(last.skipped > 0, `${last.skipped} were let go here; the stream had forgotten the others`)
  t.strictSame(
    seen.map(({ seq }) => seq),
    seen.map(({ seq }) => seq).toSorted((a, b) => a - b),
    'in order',
  )
})

t.test('what is no frame does no harm: it is counted, and told once a second at most', async (t) => {
  seen.length = 0
  for (const bytes of [
    Buffer.alloc(0),
    Buffer.from('{}'),
    Buffer.from([255, 255, 255, 255]),
    randomBytes(5000),
  ]) {
    bus.publishCore(SUBJECTS.frames('default', 'yard'), bytes)
    await until('it was looked at', async () => (await count('murmur_frames_malformed_total')) > 0)
  }
  send({ seq: 8 })
  await until('the frame after it was looked at', () => seen.some(({ seq }) => seq === 8))
  await until('all are counted', async () => (await count('murmur_frames_malformed_total')) === 4)
  const told = warnings.filter(([, sentence]) => sentence === 'a message on frames.* is no frame')
  t.equal(told.length, 1)
  t.match(told[0]![0], { reason: /not a frame/ })
})

t.test('a size that the model does not take is counted, and told with what it takes', async (t) => {
  seen.length = 0
  send({ seq: 9, width: 96, contentWidth: 96 })
  await until('it was counted', async () => (await count('murmur_frames_unsuitable_total')) === 1)
  send({ seq: 10 })
  await until('the next one was looked at', () => seen.length > 0)
  t.strictSame(
    seen.map(({ seq }) => seq),
    [10],
  )
  t.match(warnings.at(-1), [{ camera: 'yard', width: 96, takes: [{ width: 64 }] }, /size/])
})

t.test('a network that fails loses its frames and nothing else', async (t) => {
  seen.length = 0
  detector.fault = new Error('out of memory')
  send({ seq: 11 })
  await until('it was counted', async () => (await count('murmur_frames_failed_total')) === 1)
  detector.fault = undefined
  send({ seq: 12 })
  await until('the next one was looked at', () => seen.length > 0)
  t.match(seen[0], { seq: 12, inferMs: 2.5 })
  t.match(warnings.at(-1), [{ reason: 'out of memory', frames: 1 }, 'the network failed'])
})

t.test('the server starts again with nothing in memory: frames flow again', async (t) => {
  await servers.killNats()
  await until('it is noticed', () => !bus.connected)
  await servers.restartNats()
  await until('connected', () => bus.connected, 10_000)
  seen.length = 0
  let seq = 100
  await until(
    'a frame was looked at',
    () => {
      if (bus.connected) send({ seq: seq++ })
      return seen.length > 0
    },
    10_000,
  )
  t.pass()
})
