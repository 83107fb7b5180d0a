import t from 'tap'
import { createHttpClient } from '#platform/http/http-client.ts'
import type { Alert } from '#schemas/alert.ts'
import { loadAlertingConfig } from '../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../services/agents/video/alerting/sinks/create-sinks.ts'
import { createAlertingWorld, startAlerting } from '../agents/video/alerting/alerting-fixture.ts'
import { QUICK } from '../agents/video/alerting/sinks/sink-fixture.ts'
import { makeFile, picture, skip } from '../agents/video/capture/clips.ts'
import { startMonitor } from '../agents/video/capture/monitor-fixture.ts'
import { startServer } from '../platform/http/local-server.ts'
import { rtspPython, startRtspServer } from '../support/rtsp-server.ts'
import { until } from '../support/until.ts'

// A real camera that is switched off and on again, a real capture, and what PagerDuty hears of it.

const world = await createAlertingWorld(t)
const skipRtsp = skip || (rtspPython === undefined ? 'there is no RTSP server on this machine' : false)

t.test(
  'an RTSP camera goes, comes back and flaps: one incident, closed by itself',
  { skip: skipRtsp },
  async (t) => {
    const pagerduty = await startServer(t, (_request, response) => void response.writeHead(202).end('{}'))
    const http = createHttpClient({ allow: ['127.0.0.1'], ports: 'any' })
    t.teardown(() => http.close())
    const all = createSinks(
      loadAlertingConfig({
        MURMUR_ALERT_PAGERDUTY_KEY: 'k'.repeat(32),
        MURMUR_ALERT_PAGERDUTY_URL: `${pagerduty.origin}/v2/enqueue`,
      }),
    )
    await startAlerting(t, world.servers, { sinks: { all, http, options: QUICK } })
    const encoded = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '10', '-bf', '0']
    const clip = await makeFile(t, 'gate.mp4', [
      ...picture({ seconds: 120, fps: 10, size: '320x180' }),
      ...encoded,
    ])
    const camera = await startRtspServer(t, clip)
    const rules = [{ id: 'away', kind: 'camera-offline' as const, afterMs: 3000 }]
    const source = { kind: 'url', url: camera.url } as const
    const monitor = await startMonitor(t, {
      servers: world.servers,
      input: { source, camera: 'gate', rules },
    })
    await monitor.framesSeen(10)
    let seen: Alert | undefined
    const is = async (about: Partial<Alert['incident']> & { status: Alert['status'] }) => {
      const { status, ...incident } = about
      await until(
        `it is ${JSON.stringify(about)}`,
        async () => {
          const [alert] = await world.list({ camera: 'gate' })
          const has = Object.entries(incident).every(
            ([name, value]) => alert?.incident?.[name as 'phase'] === value,
          )
          seen = alert
          return alert?.status === status && has
        },
        60_000,
      )
    }
    for (const times of [1, 2]) {
      await camera.kill()
      await is({ status: 'open', phase: 'ongoing', times })
      await camera.restart()
      await is({ status: 'resolved', phase: 'over', times })
    }
    t.equal((await world.list({ camera: 'gate' })).length, 1)
    t.match(seen, {
      changedBy: 'murmuration',
      incident: { reason: /^Camera gate gives pictures again, after/ },
    })
    const told = () =>
      pagerduty.seen.map(({ body }) => JSON.parse(body) as { event_action: string; dedup_key: string })
    await until(
      'PagerDuty has heard of both ends',
      () => told().filter(({ event_action }) => event_action === 'resolve').length >= 2,
    )
    t.equal(new Set(told().map(({ dedup_key }) => dedup_key)).size, 1)
    t.equal(told().at(-1)?.event_action, 'resolve')
  },
)
