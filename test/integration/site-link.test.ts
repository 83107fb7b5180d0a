import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Alert } from '../../schemas/alert.ts'
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

// A camera, its detector and its tracker on a site, orchestrator and alerting in the centre. The link is cut for longer than any time
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
  startService(t, servers, 'services/agents/video/detection/main.ts', {
    ...asUser('detector'),
    MURMUR_MODEL: 'starter',
  }),
])
const centre = await openBus(t, servers.natsUrl)
const onSite = await openBus(t, servers.siteUrlOf('keeper'))

const taskOf = async (taskId: string) =>
  ((await centre.request(SERVICES.getTask, { taskId }, { timeoutMs: 5000 })) as { task: TaskState }).task
const siteView = async (): Promise<SiteView | undefined> =>
  (await centre.call('listAgents', {}, { timeoutMs: 5000 })).sites?.find(({ site }) => site === SITE)
const idOf = (data: Uint8Array) => (JSON.parse(Buffer.from(data).toString()) as CameraEvent).id

/** What the site has kept, oldest first. */
async function keptOnSite(): Promise<CameraEvent[]> {
  const events: CameraEvent[] = []
  for (let seq = 1; ; ) {
    const stored = await onSite.streams.placeFrom(SITE_STREAMS.events.name, seq)
    if (!stored) return events
    const message = await onSite.streams.messageAt(SITE_STREAMS.events.name, stored.seq)
    events.push(JSON.parse(Buffer.from(message!.data).toString()))
    seq = stored.seq + 1
  }
}

t.test('a monitor of a site goes on through a cut of its link', async (t) => {
  const renderer = createScenarioRenderer(findScenario('yard')!, { width: 960, height: 540, fps: 10, seed: 1 })
  /** Every message that came to the stream of camera events in the centre, also what it took for a second copy. */
  const arrived: string[] = []
  t.teardown(
    centre.subscribe(SUBJECTS.cameraEvents('default', CAMERA), ({ data }) => arrived.push(idOf(data))),
  )
  const raised: Alert[] = []
  t.teardown(
    centre.subscribe(SUBJECTS.alertsOfCamera('default', CAMERA), ({ data }) =>
      raised.push(JSON.parse(Buffer.from(data).toString()).data),
    ),
  )
  const { zones, lines, rules } = renderer.watch
  const receipt = (await centre.request(
    SERVICES.submitTask,
    {
      type: 'monitor',
      input: {
        ...{ site: SITE, camera: CAMERA, pace: 'live', fps: 6, loop: true },
        source: { kind: 'scene', scenario: 'yard', seed: 1 },
        ...{ zones: [...zones], lines: [...lines], rules: [...rules] },
      },
    },
    { timeoutMs: 20_000 },
  )) as { taskId: string }
  const { taskId } = receipt
  await until('the first alert is raised', () => raised.length > 0, 60_000)
  const before = await taskOf(taskId)
  t.equal(before.steps.capture?.attempt, 1)
  t.equal(before.steps.capture?.run?.instance === undefined, false, 'it is known who captures')
  t.match(await siteView(), { link: 'up', waiting: Number, lost: 0 })
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
  const keptBefore = (await keptOnSite()).length
  await until('a rule comes true on the site', async () => (await keptOnSite()).length > keptBefore, 60_000)
  await sleep(Math.max(0, cutAtMs + CUT_MS - Date.now()))
  const during = await taskOf(taskId)
  t.equal(during.status, 'running', 'the task is not failed for it')
  t.equal(raised.some(({ atMs }) => atMs > cutAtMs + 1000), false, 'nothing of it is in the centre yet')
  const kept = await keptOnSite()
  const healAtMs = Date.now()
  servers.link.heal()

  await until('the link is back', async () => (await siteView())?.link === 'up', 30_000)
  await until('what was kept has arrived', () => kept.every(({ id }) => arrived.includes(id)), 30_000)
  await until('nothing waits', async () => (await siteView())?.waiting === 0, 10_000)
  const back = await taskOf(taskId)
  for (const id of ['capture', 'track'])
    t.equal(back.steps[id]?.run?.instance, before.steps[id]?.run?.instance, `${id} runs on where it was`)
  await centre.request(SUBJECTS.monitorStop(taskId), {}, { timeoutMs: 10_000 })
  await until('the monitor has ended', async () => (await taskOf(taskId)).finishedAtMs !== undefined, 60_000)

  const after = await taskOf(taskId)
  t.equal(after.status, 'completed', JSON.stringify(after.error))
  for (const id of ['capture', 'track']) t.equal(after.steps[id]?.attempt, 1, `${id}: the same attempt`)
  const all = await keptOnSite()
  const ids = all.map(({ id }) => id)
  t.strictSame([...new Set(arrived)], ids, 'every event of the site came to the centre, in its order')
  const alerts = (await centre.call('listAlerts', { monitor: taskId, limit: 500 }, { timeoutMs: 5000 })).alerts
  const counted = alerts.reduce((sum, { occurrences }) => sum + occurrences, 0)
  t.equal(counted, ids.length, 'and was counted once')
  t.equal(new Set(raised.map(({ id }) => id)).size, raised.length, 'no alert was published twice')
  t.strictSame(raised.map(({ id }) => id).toSorted(), alerts.map(({ id }) => id).toSorted())
  const times = raised.map(({ atMs }) => atMs)
  t.strictSame(times, times.toSorted((a, b) => a - b), 'alerts came in the order in which they happened')
  const ofCut = all.filter(({ atMs }) => atMs > cutAtMs && atMs < healAtMs)
  t.ok(ofCut.length > 0, `${ofCut.length} events happened while the link was cut, and have the time of then`)
  const summary = after.output as MonitorSummary
  t.equal(summary.alerts.length, alerts.length, 'the summary has them all')
})
