import t, { type Test } from 'tap'
import { startVideoProduct, stopMonitor } from '../../loadtest/video/video-product.ts'
import type { AlertCloudEvent } from '../../schemas/alert.ts'
import type { Tracks } from '../../schemas/camera.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { withServers } from '../support/servers.ts'
import { until } from '../support/until.ts'

const CAMERA = 'chaos'
/** On a busy machine. How long it took is in the output. */
const FLOWS_AGAIN_TIMEOUT_MS = 45_000
const decoder = new TextDecoder()

const servers = await withServers(t)
const product = await startVideoProduct(servers, {
  processes: ['orchestrator', 'video', 'detection'],
  env: { MURMUR_LOG_LEVEL: 'error' },
})
t.teardown(() => product.stop())
const { bus } = product

const frames: Tracks[] = []
const events: CameraEvent[] = []
const alerts: AlertCloudEvent[] = []
bus.subscribe(SUBJECTS.tracks('default', CAMERA), ({ data }) => frames.push(JSON.parse(decoder.decode(data))))
bus.subscribe(SUBJECTS.cameraEvents('default', CAMERA), ({ data }) =>
  events.push(JSON.parse(decoder.decode(data))),
)
// What is kept: whoever listens while it happens may hear one again whose storing was not confirmed, under the same id.
const kept = bus.consumers.readLog({
  stream: STREAMS.alerts.name,
  filterSubject: SUBJECTS.alertsOfCamera('default', CAMERA),
  fromSeq: 1,
  onMessage: ({ data }) => alerts.push(JSON.parse(decoder.decode(data))),
})
t.teardown(() => kept.stop())

const id = await product.monitor({
  source: { kind: 'scene', scenario: 'street', seed: 3 },
  camera: CAMERA,
  loop: true,
  lines: [0.2, 0.35, 0.5, 0.65, 0.8].map((x, i) => ({ id: `line-${i}`, from: [x, 0], to: [x, 1] })),
  rules: [0, 1, 2, 3, 4].map((i) => ({
    id: `cross-${i}`,
    kind: 'line-crossing',
    line: `line-${i}`,
    groupBy: 'subject',
  })),
})

async function flows(t: Test, what: string): Promise<void> {
  const fromMs = performance.now()
  const before = frames.length
  await until(`${what}: video flows`, () => frames.length >= before + 20, 60_000)
  const tookMs = Math.round(performance.now() - fromMs)
  t.comment(`${what}: 20 frames after ${tookMs} ms`)
  // Twenty frames take two seconds at ten a second.
  t.ok(tookMs < FLOWS_AGAIN_TIMEOUT_MS + 2000, `${tookMs} ms`)
}

t.test('without a fault', (t) => flows(t, 'start'))

t.test('SIGKILL of the detector', async (t) => {
  const replaced = product.replace('detection')
  await replaced
  await flows(t, 'detector')
})

t.test('SIGKILL of capture, tracking and alerting', async (t) => {
  await until('something was raised', () => alerts.length > 0, 60_000)
  await product.replace('video')
  await flows(t, 'video agents')
})

t.test('SIGKILL and restart of nats-server', async (t) => {
  await servers.killNats()
  await servers.restartNats()
  await flows(t, 'nats-server')
})

t.test('kill and restart of Redis', async (t) => {
  await servers.killRedis()
  await servers.restartRedis()
  await flows(t, 'Redis')
})

t.test('no alert twice, none lost', async (t) => {
  const before = alerts.length
  await until('alerts go on', () => alerts.length > before, 60_000)
  await stopMonitor(bus, id)
  const summary = await product.summaryOf(id, 30_000)
  const ids = alerts.map((alert) => alert.id)
  t.equal(new Set(ids).size, ids.length, `${ids.length} alerts, each published once`)
  const listed = new Set(summary.alerts.map((alert) => alert.id))
  t.strictSame(
    ids.filter((alert) => !listed.has(alert)),
    [],
    'whatever was raised is in the summary',
  )
  const raised = new Set(summary.alerts.map(({ rule, subject }) => `${rule.id} ${subject}`))
  t.strictSame(
    // What is over is said also of what never began.
    events
      .filter(({ state }) => state?.phase !== 'end')
      .filter(({ rule, subject }) => !raised.has(`${rule.id} ${subject}`))
      .map((event) => event.id),
    [],
    'every rule that came true is in an alert',
  )
  const last = new Map<string, number>()
  const repeated = summary.alerts
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ rule, subject, atMs }) => {
      const key = `${rule.id} ${subject}`
      const previous = last.get(key)
      last.set(key, atMs)
      return previous !== undefined && atMs - previous < rule.cooldownMs
    })
  t.strictSame(repeated, [], 'none within the cooldown of another about the same')
})
