import { ChannelCredentials } from '@grpc/grpc-js'
import t from 'tap'
import type { Alert } from '#schemas/alert.ts'
import { type CameraEvent, cameraEventExample } from '#schemas/camera-event.ts'
import { SERVICES, TENANT_SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import {
  AlertServiceClient,
  type GetAlertResponse,
  type WatchAlertsResponse,
} from '../../../services/edge/grpc/generated/v1/alert_service.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { factsOf, startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'services/agents/video-agents.ts')
const edge = await startService(t, servers, 'services/edge/main.ts')
const { restPort, grpcPort } = factsOf(edge)
const bus = await openBus(t, servers.natsUrl)
const url = `http://127.0.0.1:${restPort}/v1/alerts/events`

async function raise(subject: string, about: Partial<CameraEvent> = {}): Promise<void> {
  const event: CameraEvent = {
    ...cameraEventExample,
    id: `${subject} ${about.tenant ?? ''}`,
    subject,
    ...about,
  }
  await bus.publisher.publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
    msgId: event.id,
    giveUpAfterMs: 5000,
  })
}

interface Told {
  id: number
  event: string
  subject: string
}

/** A watcher that keeps what it is told until it is closed. */
async function watch(
  headers: Record<string, string> = {},
  query = '',
): Promise<{ told: Told[]; close(): void }> {
  const end = new AbortController()
  const response = await fetch(`${url}${query}`, { headers, signal: end.signal })
  if (response.status !== 200) throw new Error(await response.text())
  const told: Told[] = []
  void (async () => {
    let text = ''
    try {
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (text + chunk).split('\n\n')
        text = blocks.pop()!
        for (const block of blocks) {
          const fields = Object.fromEntries(
            block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)),
          )
          if (fields.data)
            told.push({
              id: Number(fields.id),
              event: fields.event,
              subject: JSON.parse(fields.data).alert.subject,
            })
        }
      }
    } catch {
      // It was closed.
    }
  })()
  return { told, close: () => end.abort() }
}

t.test('SSE: each alert once, of this tenant only, and on from where it was cut off', async (t) => {
  const first = await watch()
  await raise('track-1')
  await raise('track-2', { tenant: 'other' })
  await raise('track-3')
  await until('two alerts', () => first.told.filter(({ event }) => event === 'alert').length >= 2, 10_000)
  first.close()
  const alerts = first.told.filter(({ event }) => event === 'alert')
  t.strictSame(
    alerts.map(({ subject }) => subject),
    ['track-1', 'track-3'],
  )
  await raise('track-4')
  const second = await watch({ 'last-event-id': String(alerts[0]!.id) })
  await raise('track-5')
  const got = () => second.told.filter(({ event }) => event === 'alert').map(({ subject }) => subject)
  await until('what was missed, and what is new', () => got().includes('track-5'), 10_000)
  second.close()
  t.strictSame(got(), ['track-3', 'track-4', 'track-5'], 'no gap, no duplicate')
})

t.test('SSE: filters and what becomes of an alert; parameters that are wrong', async (t) => {
  const critical = await watch({}, '?severity=critical')
  await raise('track-6', { rule: { ...cameraEventExample.rule, severity: 'low' } })
  await raise('track-7')
  await until('the critical one', () => critical.told.some(({ subject }) => subject === 'track-7'), 10_000)
  t.notOk(critical.told.some(({ subject }) => subject === 'track-6'))
  const { alerts } = (await bus.request(
    SERVICES.listAlerts,
    { limit: 1, severity: 'critical' },
    { timeoutMs: 5000 },
  )) as { alerts: { id: string }[] }
  const changed = await fetch(`http://127.0.0.1:${restPort}/v1/alerts/${alerts[0]!.id}/acknowledge`, {
    method: 'POST',
  })
  t.equal(changed.status, 200)
  await until('the change', () => critical.told.some(({ event }) => event === 'change'), 10_000)
  critical.close()
  t.equal((await fetch(`${url}?severity=odd`)).status, 400)
  t.equal((await fetch(`${url}?tenant=other`)).status, 400)
})

t.test('one alert, and pages of them: the same through every transport', async (t) => {
  const client = new AlertServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  const rest = async (path: string) => (await fetch(`http://127.0.0.1:${restPort}${path}`)).json()
  interface Page {
    alerts: { id: string; raisedAtMs: number }[]
    nextCursor?: string
  }
  const pages: Record<string, (about: Record<string, string | number>) => Promise<Page>> = {
    NATS: async (about) => (await bus.request(SERVICES.listAlerts, about, { timeoutMs: 5000 })) as Page,
    REST: async ({ sinceMs, ...about }) =>
      (await rest(
        `/v1/alerts?${new URLSearchParams({ ...(sinceMs && { since: sinceMs }), ...about } as Record<string, string>)}`,
      )) as Page,
    gRPC: (about) =>
      new Promise((resolve, reject) =>
        client.listAlerts(about, (error, answer) => (error ? reject(error) : resolve(answer as Page))),
      ),
  }
  const all = (await pages.NATS!({ limit: 500 })).alerts
  t.ok(all.length >= 6, `${all.length} alerts`)
  const middle = all[2]!.raisedAtMs
  const since = all.filter(({ raisedAtMs }) => raisedAtMs >= Math.floor(middle)).map(({ id }) => id)
  for (const [transport, list] of Object.entries(pages)) {
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await list({ limit: 2, ...(cursor !== undefined && { cursor }) })
      t.ok(page.alerts.length <= 2)
      seen.push(...page.alerts.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor)
    t.strictSame(
      seen,
      all.map(({ id }) => id),
      `${transport}: none twice, none missing`,
    )
    const recent = await list({ limit: 500, sinceMs: Math.floor(middle) })
    t.strictSame(
      recent.alerts.map(({ id }) => id),
      since,
      `${transport}: since then`,
    )
  }
  const { id } = all[0]!
  const { alert } = (await bus.request(SERVICES.getAlert, { id }, { timeoutMs: 5000 })) as { alert: Alert }
  t.equal(alert.id, id)
  t.strictSame(await rest(`/v1/alerts/${id}`), { alert })
  const { alert: message } = await new Promise<GetAlertResponse>((resolve, reject) =>
    client.getAlert({ id }, (error, answer) => (error ? reject(error) : resolve(answer))),
  )
  t.match(message, {
    id,
    subject: alert.subject,
    camera: alert.camera,
    rule: alert.rule,
    status: alert.status,
  })
  const foreign = TENANT_SERVICES.of('other', SERVICES.listAlerts)
  const [theirs] = ((await bus.request(foreign, {}, { timeoutMs: 5000 })) as Page).alerts
  t.match(await rest(`/v1/alerts/${theirs?.id}`), { code: 'ALERT_NOT_FOUND' }, 'somebody else’s is not there')
})

t.test('gRPC: the same stream', async (t) => {
  const client = new AlertServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
  t.teardown(() => client.close())
  const told: WatchAlertsResponse[] = []
  const stream = client.watchAlerts({ afterSeq: 0 })
  stream.on('data', (item: WatchAlertsResponse) => told.push(item))
  stream.on('error', () => undefined)
  await raise('track-8')
  const subjects = () => told.filter(({ kind }) => kind === 'raised').map(({ alert }) => alert!.subject!)
  await until('all of them', () => subjects().includes('track-8'), 10_000)
  stream.cancel()
  // Two that were raised one right after the other may have been dealt with at the same time.
  t.strictSame(
    subjects().toSorted(),
    [1, 3, 4, 5, 6, 7, 8].map((number) => `track-${number}`),
  )
  t.ok(told.every(({ alert }) => alert!.tenant === 'default'))
})
