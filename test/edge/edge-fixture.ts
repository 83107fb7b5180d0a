import type { Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { EdgeLinks } from '#platform/http/signed-link.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { OpenAccess } from '../../services/edge/access/access.ts'
import { EventHub } from '../../services/edge/gateway/event-hub.ts'
import { Gateway } from '../../services/edge/gateway/gateway.ts'
import { TaskFeed } from '../../services/edge/gateway/task-feed.ts'
import { RestServer } from '../../services/edge/rest/rest-server.ts'

export interface OpenedRest {
  url: string
  port: number
  hub: EventHub
  routes: RestServer['routes']
  /** What it wrote into its log: errors only. */
  logged(): Record<string, unknown>[]
}

/** The edge's REST on a free port, in this process. */
export async function openRest(
  t: Test,
  bus: Bus,
  {
    gateway = new Gateway(bus),
    links,
    consoleDir,
  }: { gateway?: Gateway; links?: EdgeLinks; consoleDir?: string } = {},
): Promise<OpenedRest> {
  const lines: string[] = []
  const hub = new EventHub(bus, systemClock)
  hub.start()
  const log = createLogger(
    'edge',
    { logLevel: 'error', instance: 'test' },
    { write: (line) => void lines.push(line) },
  )
  const access = new OpenAccess()
  const feed = new TaskFeed({ hub, gateway, clock: systemClock })
  const browsers = { origins: ['https://app.example.org'], isOpen: true, scheme: 'http' } as const
  const server = new RestServer({
    bus,
    host: '127.0.0.1',
    port: 0,
    gateway,
    hub,
    feed,
    clock: systemClock,
    log,
    requestTimeoutMs: 20_000,
    access,
    browsers,
    links,
    consoleDir,
  })
  await server.start()
  t.teardown(async () => {
    await server.stop()
    feed.stop()
    hub.stop()
  })
  return {
    url: `http://127.0.0.1:${server.port}`,
    port: server.port,
    hub,
    routes: server.routes,
    logged: () => lines.map((line) => JSON.parse(line)),
  }
}

export interface ServerEvent {
  event: string
  data: unknown
  id?: string
}

/** Reads a stream of server-sent events to its end. */
export async function readEvents(url: string, headers: Record<string, string> = {}): Promise<ServerEvent[]> {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) })
  const text = await response.text()
  if (response.status !== 200) throw new Error(text)
  return text
    .split('\n\n')
    .filter((block) => block.includes('event: '))
    .map((block) => {
      const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2)))
      return { ...fields, data: JSON.parse(fields.data) } as ServerEvent
    })
}
