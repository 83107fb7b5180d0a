import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { siteUser } from '../../deploy/nats/site-server.ts'
import type { Alert } from '../../schemas/alert.ts'
import type { CameraState } from '../../schemas/camera.ts'
import type { CameraEvent } from '../../schemas/camera-event.ts'
import type { MonitorSummary } from '../../schemas/monitor-steps.ts'
import type { SiteView } from '../../schemas/site.ts'
import type { TaskState } from '../../schemas/task.ts'
import { findScenario } from '../../services/agents/video/scenes/scenarios/catalogue.ts'
import { createScenarioRenderer } from '../../services/agents/video/scenes/scenarios/scenario-renderer.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { SITE_STREAMS } from '../../subjects/site-streams.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { openBus } from '../support/bus.ts'
import { startService } from '../support/services.ts'
import { withSiteServers } from '../support/site-servers.ts'
import { until } from '../support/until.ts'

// Cameras, detectors and trackers on a site, orchestrator and alerting in the centre. The link is cut for longer than any time
// after which an agent counts as gone; what happens on the site meanwhile arrives when it is back, once and in order.

t.setTimeout(175_000)
const SITE = 'yard'
const CAMERA = 'gate-cam'
/** Heartbeats are missed after 3 s, steps come again after 4 s, agents are forgotten after 5 s, a silent link is lost after 15 s. */
const CUT_MS = 20_000

const servers = await withSiteServers(t, SITE)
const asUser = (user: Parameters<typeof servers.siteUrlOf>[0]) => ({
  MURMUR_SITE: SITE,
  MURMUR_NATS_URL: servers.siteUrlOf(user),
  // There is none on a site, and nobody may look for one.
  MURMUR_REDIS_URL: 'redis://127.0.0.1:1',
})
await startService(t, servers, 'services/orchestrator/main.ts', { MURMUR_PARTITIONS: '2' })
await Promise.all([
  startService(t, servers, 'services/agents/video-agents.ts', { MURMUR_AGENTS: 'alerting' }),
  startService(t, servers, 'services/agents/video/site/main.ts', asUser('keeper')),
])
await Promise.all([
  startService(t, servers, 'services/agents/video-agents.ts', asUser('video')),
  // A second one: what the broker hands out again behind the cut must not run twice.
  startService(t, servers, 'services/agents/video-agents.ts', asUser('video')),
  startService(t, servers, 'services/agents/video/detection/main.ts', {
    ...asUser('detector'),
    MURMUR_MODEL: 'starter',
  }),
])
const centre = await openBus(t, servers.natsUrl)
const onSite = await openBus(t, servers.siteUrlOf('keeper'))

const read = (data: Uint8Array) => JSON.parse(Buffer.from(data).toString())
const submit = async (camera: string, more: object): Promise<string> => {
  const input = { site: SITE, camera, pace: 'live', fps: 6, ...more }
  const receipt = await centre.request(SERVICES.submitTask, { type: 'monitor', input }, { timeoutMs: 20_000 })
  return (receipt as { taskId: string }).taskId
}
const taskOf = async (taskId: string) =>
  ((await centre.request(SERVICES.getTask, { taskId }, { timeoutMs: 5000 })) as { task: TaskState }).task
const LIVE = ['capture', 'track'] as const
const isRunning = async (taskId: string) => {
  const { steps } = await taskOf(taskId)
  return LIVE.every((id) => steps[id]?.run !== undefined)
}
const instancesOf = ({ steps }: TaskState) => LIVE.map((id) => steps[id]?.run?.instance)
const siteView = async (): Promise<SiteView | undefined> =>
  (await centre.call('listAgents', {}, { timeoutMs: 5000 })).sites?.find(({ site }) => site === SITE)
/** States of a camera as the centre hears them, from now on. */
const statesOf = (camera: string): CameraState[] => {
  const heard: CameraState[] = []
  t.teardown(centre.subscribe(SUBJECTS.cameraState('default', camera), ({ data }) => heard.push(read(data))))
  return heard
}

/** What the site has kept of the camera, oldest first. */
async function keptOnSite(): Promise<CameraEvent[]> {
  const { events } = SITE_STREAMS
  const kept: CameraEvent[] = []
  const subject = SUBJECTS.cameraEvents('default', CAMERA)
  for (let seq = 1; ; ) {
    const message = await onSite.streams.nextMessage(events.name, subject, seq)
    if (!message) return kept
    kept.push(read(message.data))
    seq = message.seq + 1
  }
}

/** Whoever holds the password of the site, in its account of the centre. */
const { host, username, password } = new URL(servers.natsUrlOf(siteUser(SITE)))
const holder = await connect({ servers: host, user: username, pass: password })
t.teardown(() => holder.close())

t.test('who holds a site reaches no stream of the centre, and no steps but its own', async (t) => {
  /** The server itself says of an account without streams that it has none. */
  const isAnswered = (subject: string) =>
    holder.request(subject, '{"batch":1,"no_wait":true}', { timeout: 2000 }).then(
      ({ data }) => !Buffer.from(data).toString().includes('"error"'),
      () => false,
    )
  t.equal(await isAnswered('centre.steps.next.capture--yard-p0'), true, 'its own queue')
  for (const subject of [
    'centre.steps.next.capture-p0',
    '$JS.API.CONSUMER.MSG.NEXT.STEPS.capture-p0',
    '$JS.API.CONSUMER.MSG.NEXT.STEPS.capture--yard-p0',
    '$JS.API.INFO',
    '$JS.API.STREAM.INFO.LOG',
    '$JS.API.STREAM.PURGE.ALERTS',
    '$JS.API.CONSUMER.CREATE.LOG',
    'log.0.accepted',
    'log.0.result.capture',
    'log.0.result.alerting',
    'steps.capture.any.0',
    'alerts.critical.default.x',
    'murmur.tasks.submit',
    'murmur.objects.read.ingest',
  ])
    t.equal(await isAnswered(subject), false, subject)
})

t.test('a monitor of a site goes on through a cut of its link', async (t) => {
  const renderer = createScenarioRenderer(findScenario('yard')!, {
    width: 960,
    height: 540,
    fps: 10,
    seed: 1,
  })
  /** Every message that came to the stream of camera events in the centre, also what it took for a second copy. */
  const arrived: string[] = []
  const raised: Alert[] = []
  const ends = [
    centre.subscribe(SUBJECTS.cameraEvents('default', CAMERA), ({ data }) => arrived.push(read(data).id)),
    centre.subscribe(SUBJECTS.alertsOfCamera('default', CAMERA), ({ data }) => raised.push(read(data).data)),
  ]
  let leaked = 0
  for (const subject of ['frames.>', 'detections.>'])
    holder.subscribe(subject, { callback: () => void leaked++ })
  const { zones, lines, rules } = renderer.watch
  const taskId = await submit(CAMERA, {
    source: { kind: 'scene', scenario: 'yard', seed: 1 },
    ...{ loop: true, zones: [...zones], lines: [...lines], rules: [...rules] },
  })
  await until('the first alert is raised', () => raised.length > 0, 60_000)
  // Two more: one ends while the link is cut, the other is cancelled then.
  const source = { kind: 'scene', scenario: 'street', seed: 1 }
  const [brief, cancelled] = await Promise.all([
    submit('brief', { source, fps: 2, durationMs: 8000 }),
    submit('cancelled', { source, fps: 2, loop: true }),
  ])
  const states = { camera: statesOf(CAMERA), cancelled: statesOf('cancelled') }
  for (const id of [taskId, brief, cancelled]) await until(`${id} runs`, () => isRunning(id), 30_000)
  const before = await taskOf(taskId)
  t.match(await siteView(), { link: 'up', lost: 0 })
  const linkBytes = (await servers.leafs()).map(({ in_bytes, out_bytes }) => in_bytes + out_bytes)
  const siteBytes = await servers.siteBytes()
  t.equal(linkBytes.length, 1)
  t.ok(siteBytes > 10_000_000, `${siteBytes} bytes, pictures above all, went to the server of the site`)
  t.ok(linkBytes[0]! < siteBytes / 20, `and ${linkBytes[0]} bytes over the link`)

  const cutAtMs = Date.now()
  servers.link.cut()
  await until('the centre says so', async () => (await siteView())?.link === 'down', 10_000)
  const { sinceMs = 0 } = (await siteView()) ?? {}
  t.ok(Math.abs(sinceMs - cutAtMs) < 5000, 'since when')
  await centre.request(SERVICES.cancelTask, { taskId: cancelled }, { timeoutMs: 5000 })
  const keptBefore = (await keptOnSite()).length
  await until('a rule comes true on the site', async () => (await keptOnSite()).length > keptBefore, 60_000)
  await until('the cut has lasted', () => Date.now() - cutAtMs > CUT_MS, 2 * CUT_MS)
  const during = await Promise.all([taskOf(taskId), taskOf(brief)])
  t.strictSame(
    during.map(({ status }) => status),
    ['running', 'running'],
    'no task is failed for it',
  )
  t.notOk(
    raised.some(({ atMs }) => atMs > cutAtMs + 1000),
    'nothing of it is in the centre yet',
  )
  const kept = await keptOnSite()
  const healAtMs = Date.now()
  const statesBefore = states.camera.length
  servers.link.heal()

  await until('the link is back', async () => (await siteView())?.link === 'up', 30_000)
  await until('what was kept has arrived', () => kept.every(({ id }) => arrived.includes(id)), 30_000)
  await until('nothing waits', async () => (await siteView())?.waiting === 0, 10_000)
  await until('the brief one has ended', async () => (await taskOf(brief)).finishedAtMs !== undefined, 45_000)
  t.equal((await taskOf(brief)).status, 'completed', 'what ended on the site meanwhile ends here')
  await until('the cancelled one has ended', () => states.cancelled.at(-1)?.status === 'ended', 60_000)
  t.strictSame(instancesOf(await taskOf(taskId)), instancesOf(before), 'it runs on where it was')
  await centre.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: 10_000 })
  await until('the monitor has ended', async () => (await taskOf(taskId)).finishedAtMs !== undefined, 60_000)

  const after = await taskOf(taskId)
  t.equal(after.status, 'completed', JSON.stringify(after.error))
  for (const id of LIVE) t.equal(after.steps[id]?.attempt, 1, `${id}: the same attempt`)
  const epochs = new Set(states.camera.slice(statesBefore).map(({ epoch }) => epoch))
  t.equal(epochs.size, 1, 'the camera was opened by one process alone')
  const all = await keptOnSite()
  const ids = all.map(({ id }) => id)
  t.strictSame([...new Set(arrived)], ids, 'every event of the site came to the centre, in its order')
  const { alerts } = await centre.call('listAlerts', { monitor: taskId, limit: 500 }, { timeoutMs: 5000 })
  const counted = alerts.reduce((sum, { occurrences }) => sum + occurrences, 0)
  t.equal(counted, ids.length, 'and was counted once')
  const raisedIds = raised.map(({ id }) => id)
  t.strictSame(raisedIds.toSorted(), alerts.map(({ id }) => id).toSorted(), 'no alert was published twice')
  const times = raised.map(({ atMs }) => atMs)
  t.strictSame(
    times,
    times.toSorted((a, b) => a - b),
    'alerts came in the order in which they happened',
  )
  const ofCut = all.filter(({ atMs }) => atMs > cutAtMs && atMs < healAtMs)
  t.ok(ofCut.length > 0, `${ofCut.length} events happened while the link was cut, and have the time of then`)
  t.equal((after.output as MonitorSummary).alerts.length, alerts.length, 'the summary has them all')
  t.equal(leaked, 0, 'no picture came out, though somebody in the centre asked for them')
  for (const end of ends) end()
})
