import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import type { Alert } from '#schemas/alert.ts'
import { type CameraEvent, cameraStateEvent } from '#schemas/camera-event.ts'
import type { Snooze } from '#schemas/snooze.ts'
import { TASK } from '#subjects/operations/examples.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../../../../services/agents/video/alerting/sinks/create-sinks.ts'
import { type SeenRequest, startServer } from '../../../../platform/http/local-server.ts'
import { until } from '../../../../support/until.ts'
import {
  createAlertingWorld,
  INCIDENT_LIMITS,
  publishEvent,
  published,
  startAlerting,
} from '../alerting-fixture.ts'
import { isSigned, QUICK, webhookEnv } from '../sinks/sink-fixture.ts'

const world = await createAlertingWorld(t)
const { servers, bus, list, change, settled, flushRedis } = world
/** How tasks stand that alerting asks about. */
const tasks = new Map<string, string>()
bus.serveSubject(
  SERVICES.getTask,
  ({ data }) => {
    const { taskId } = JSON.parse(Buffer.from(data).toString())
    return { task: { ...TASK, taskId, status: tasks.get(taskId) ?? 'running' } }
  },
  { queue: 'test' },
)

let moment = systemClock.nowMs() - 3_600_000
/** A camera of its own, that goes and comes back; each a second after the last. */
function cameraOf(camera: string, monitor = `m-${camera}`) {
  const rule = { id: 'away', kind: 'camera-offline', severity: 'high', cooldownMs: 60_000 } as const
  const tell = async (phase: 'begin' | 'end', of = monitor): Promise<CameraEvent> => {
    moment += 1000
    const message = phase === 'begin' ? `Camera ${camera} is away` : `Camera ${camera} is back`
    const about = { tenant: 'default', monitor: of, camera, rule }
    const event = cameraStateEvent(about, { phase, sinceMs: moment, message, atMs: moment, mediaMs: 0 })
    await publishEvent(bus, event)
    return event
  }
  return {
    goes: (of?: string) => tell('begin', of),
    comes: () => tell('end'),
    alerts: () => list({ camera }),
    async is(what: Partial<Alert['incident']> & { status: Alert['status'] }) {
      const { status, ...incident } = what
      await until(`${camera} is ${JSON.stringify(what)}`, async () => {
        const [alert] = await list({ camera })
        const has = Object.entries(incident).every(
          ([name, value]) => alert?.incident?.[name as 'phase'] === value,
        )
        return alert?.status === status && has
      })
    },
    told: async () =>
      (await published(bus, SUBJECTS.alertChange('default', camera))).map(({ body }) => body.change),
  }
}

interface PagerdutyEvent {
  routing_key: string
  event_action: 'trigger' | 'acknowledge' | 'resolve'
  dedup_key: string
  payload?: { summary: string; source: string; severity: string; timestamp: string }
}

/** As the Events API v2 takes events: what it asks of them, and which incidents are open after them. */
function openInPagerduty(events: readonly PagerdutyEvent[]) {
  const open = new Set<string>()
  for (const { routing_key, event_action, dedup_key, payload } of events) {
    if (routing_key.length !== 32 || dedup_key.length > 255) throw new Error('refused with 400')
    if (event_action === 'trigger') {
      const words = ['critical', 'error', 'warning', 'info']
      if (!payload?.summary || payload.summary.length > 1024 || !payload.source)
        throw new Error('a trigger needs a summary and a source')
      if (!words.includes(payload.severity) || Number.isNaN(Date.parse(payload.timestamp)))
        throw new Error('a trigger needs a severity')
      open.add(dedup_key)
    }
    if (event_action === 'resolve') open.delete(dedup_key)
  }
  return open
}
const bodiesOf = <Body>(seen: readonly SeenRequest[]) => seen.map(({ body }) => JSON.parse(body) as Body)

t.test('a camera goes and comes back: one incident in history, PagerDuty, Slack and webhook', async (t) => {
  const pagerduty = await startServer(
    t,
    (_request, response) => void response.writeHead(202).end('{"status":"success"}'),
  )
  const webhook = await startServer(t, (_request, response) => void response.writeHead(200).end())
  const slack = await startServer(t, (request, response, count) => {
    const channel = JSON.parse(request.body).channel
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ ok: true, channel: `${channel}ID`, ts: `1405894322.00${count}` }))
  })
  const env = {
    ...webhookEnv(webhook.origin),
    MURMUR_ALERT_PAGERDUTY_KEY: 'k'.repeat(32),
    MURMUR_ALERT_PAGERDUTY_URL: `${pagerduty.origin}/v2/enqueue`,
    MURMUR_ALERT_SLACK_TOKEN: 'xoxb-1234567890',
    MURMUR_ALERT_SLACK_CHANNEL: 'C1',
    MURMUR_ALERT_SLACK_API: `${slack.origin}/api`,
  }
  const http = createHttpClient({ allow: ['127.0.0.1'], ports: 'any' })
  t.teardown(() => http.close())
  const links = { publicUrl: 'https://m.example.org', key: 'k'.repeat(32), lifetimeMs: 60_000 }
  const sinks = { all: createSinks(loadAlertingConfig(env)), http, options: QUICK, links }
  await startAlerting(t, servers, { sinks })
  const gate = cameraOf('gate')
  await gate.goes()
  await gate.is({ status: 'open', phase: 'ongoing' })
  await until('all are told', () => [pagerduty, slack, webhook].every(({ seen }) => seen.length > 0))
  t.equal(openInPagerduty(bodiesOf(pagerduty.seen)).size, 1)
  await gate.goes()
  await gate.comes()
  await gate.is({ status: 'resolved', phase: 'over', times: 1 })
  const [alert] = await gate.alerts()
  t.match(alert, { changedBy: 'murmuration', incident: { reason: 'Camera gate is back' } })
  t.equal((await gate.alerts()).length, 1)
  await until('PagerDuty has nothing open', () => openInPagerduty(bodiesOf(pagerduty.seen)).size === 0)
  // At least once: what is answered late is sent again.
  const actions = bodiesOf<PagerdutyEvent>(pagerduty.seen).map(({ event_action }) => event_action)
  t.strictSame([...new Set(actions)], ['trigger', 'resolve'])
  t.match(bodiesOf(pagerduty.seen)[0], {
    client_url: /^https:\/\/m\.example\.org\/v1\/shared\/default\/alerts\//,
  })
  await until('the message in Slack says so', () => /"RESOLVED: /.test(slack.seen.at(-1)?.body ?? ''))
  const posted = slack.seen.find(({ url }) => url === '/api/chat.postMessage')
  const updates = slack.seen.filter(({ url }) => url === '/api/chat.update')
  t.match(posted, { url: '/api/chat.postMessage', headers: { authorization: 'Bearer xoxb-1234567890' } })
  t.ok(updates.length > 0)
  for (const body of bodiesOf(updates)) t.match(body, { channel: 'C1ID', ts: '1405894322.001' })
  await until('the webhook is told', () => /"change":"resolved"/.test(webhook.seen.at(-1)?.body ?? ''))
  t.ok(webhook.seen.every(isSigned))
  const changes = bodiesOf<{ change?: string }>(webhook.seen).map(({ change }) => change ?? 'raised')
  t.strictSame([...new Set(changes)], ['raised', 'recovered', 'resolved'])
})

t.test('one that comes and goes is one incident that says how often, told once', async (t) => {
  await startAlerting(t, servers)
  const flapping = cameraOf('flapping')
  for (let i = 0; i < 12; i++) {
    await flapping.goes()
    await flapping.comes()
  }
  await settled()
  await flapping.is({ status: 'open', phase: 'recovering', times: 12 })
  t.equal((await world.raisedOn('flapping')).length, 1)
  await flapping.is({ status: 'resolved', phase: 'over', times: 12 })
  await flapping.goes()
  await flapping.is({ status: 'open', phase: 'ongoing', times: 13 })
  t.match((await flapping.told()).slice(-2), ['resolved', 'reopened'])
  await flapping.comes()
  await flapping.is({ status: 'resolved', times: 13 })
})

t.test(
  'an alerting that is killed, and a Redis that is emptied: closed once, and not before it is over',
  async (t) => {
    const limits = { incidentLimits: { ...INCIDENT_LIMITS, steadyMs: 1500 } }
    const first = await startAlerting(t, servers, limits)
    const [away, back] = [cameraOf('away'), cameraOf('back')]
    await Promise.all([away.goes(), back.goes()])
    await back.comes()
    await back.is({ status: 'open', phase: 'recovering' })
    await first.crash()
    await flushRedis()
    await startAlerting(t, servers, limits)
    await back.is({ status: 'resolved', phase: 'over' })
    await away.is({ status: 'open', phase: 'ongoing' })
    await flushRedis()
    await away.comes()
    await away.is({ status: 'resolved', phase: 'over', times: 1 })
    t.equal((await away.told()).filter((change) => change === 'resolved').length, 1)
    t.equal((await back.told()).filter((change) => change === 'resolved').length, 1)
  },
)

t.test('written and not told: whoever comes next tells it', async (t) => {
  const first = await startAlerting(t, servers)
  const camera = cameraOf('untold')
  await camera.goes()
  await camera.is({ status: 'open', phase: 'ongoing' })
  const [alert] = await camera.alerts()
  const { incidents } = first.deps
  const later = { ...alert!, message: 'Camera untold is away still', revision: 1 }
  const atMs = systemClock.nowMs() - 60_000
  t.equal(await incidents.write(alert, { alert: later, untold: 'recurred', atMs }), 'written')
  t.equal(
    await incidents.write(alert, { alert: later, untold: 'recurred', atMs }),
    'stale',
    'of an old version',
  )
  await until('it is told', async () => (await camera.told()).includes('recurred'))
  await until('nothing is left', async () => (await incidents.untold(systemClock.nowMs())).length === 0)
})

t.test(
  'a monitor that ends closes its incident; the next monitor of the camera takes over what goes on',
  async (t) => {
    await startAlerting(t, servers)
    const camera = cameraOf('ends')
    await camera.goes()
    await camera.is({ status: 'open', monitor: 'm-ends' })
    await camera.goes('m-next')
    await camera.is({ status: 'open', monitor: 'm-next' })
    tasks.set('m-ends', 'cancelled')
    tasks.set('m-next', 'failed')
    await camera.is({ status: 'resolved', phase: 'over' })
    t.match((await camera.alerts())[0]?.incident?.reason, 'Its monitor has ended: failed')
  },
)

t.test('what somebody resolves stays so; what is snoozed is told when that ends', async (t) => {
  await startAlerting(t, servers)
  const [shut, hidden] = [cameraOf('shut'), cameraOf('hidden')]
  await shut.goes()
  await shut.is({ status: 'open' })
  await change({ id: (await shut.alerts())[0]!.id, status: 'resolved', by: 'anna' })
  await shut.comes()
  await shut.is({ status: 'resolved', phase: 'over' })
  t.match(await shut.alerts(), [{ changedBy: 'anna' }])

  const request = { camera: 'hidden', forMs: 60_000, by: 'bob', reason: 'works' }
  const { snooze } = (await bus.request(SERVICES.addSnooze, request, { timeoutMs: 5000 })) as {
    snooze: Snooze
  }
  await hidden.goes()
  await hidden.is({ status: 'open' })
  t.match(await hidden.alerts(), [{ snoozed: { id: snooze.id, by: 'bob', reason: 'works' } }])
  await bus.request(SERVICES.endSnooze, { id: snooze.id, by: 'anna' }, { timeoutMs: 5000 })
  await until('it is told', async () => (await hidden.told()).includes('unsnoozed'))
  t.notHas((await hidden.alerts())[0], 'snoozed')
})
