import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createHttpClient } from '#platform/http/http-client.ts'
import { createLogger } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { Alert, AlertStatus } from '#schemas/alert.ts'
import { alertFromEvent } from '../../../../../services/agents/video/alerting/alert-from-event.ts'
import { createAlertPublisher } from '../../../../../services/agents/video/alerting/alert-publisher.ts'
import { loadAlertingConfig } from '../../../../../services/agents/video/alerting/sinks/alerting-config.ts'
import { createSinks } from '../../../../../services/agents/video/alerting/sinks/create-sinks.ts'
import {
  SinkRunner,
  type SinkRunnerOptions,
} from '../../../../../services/agents/video/alerting/sinks/sink-runner.ts'
import type { Answer, SeenRequest } from '../../../../platform/http/local-server.ts'
import { openBus } from '../../../../support/bus.ts'
import { provideQueues } from '../../../../support/queues.ts'
import { withServers } from '../../../../support/servers.ts'
import { eventOf, ruleOf, STORAGE_BYTES } from '../alerting-fixture.ts'

const KEY = Buffer.alloc(24, 7)
const SECRET = `whsec_${KEY.toString('base64')}`
export const QUICK: Partial<SinkRunnerOptions> = { firstWaitMs: 20, longestWaitMs: 200, timeoutMs: 400 }
export const ok: Answer = (_request, response) => void response.writeHead(202).end('{}')

export interface SinkWorld {
  raise(about?: { severity?: Alert['severity']; message?: string }): Promise<Alert>
  publisher: ReturnType<typeof createAlertPublisher>
  start(env: Record<string, string>, about?: Partial<SinkRunnerOptions>): Promise<SinkRunner[]>
  statuses: Map<string, AlertStatus>
  metrics(): Promise<string>
  log: string[]
}

/** A NATS of its own for each test: sinks remember where they were. */
export async function createSinkWorld(t: Test, allow: string[] = ['127.0.0.1']): Promise<SinkWorld> {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  await bus.streams.provision({ partitions: 1, storageBytes: STORAGE_BYTES })
  await provideQueues(t, bus)
  const http = createHttpClient({ allow, ports: 'any' })
  t.teardown(() => http.close())
  const metrics = createMetrics()
  const lines: string[] = []
  const log = createLogger(
    'test',
    { logLevel: 'debug', instance: 'test' },
    { write: (line) => void lines.push(line) },
  )
  const publisher = createAlertPublisher(bus)
  const statuses = new Map<string, AlertStatus>()
  return {
    publisher,
    statuses,
    log: lines,
    metrics: () => metrics.expose(),
    async raise({ severity = 'high', message = 'Person entered gate' } = {}) {
      const alert = alertFromEvent(eventOf({ rule: ruleOf(severity), message }), systemClock.nowMs())
      await publisher.raised(alert)
      return alert
    },
    async start(env, about = {}) {
      const runners = createSinks(loadAlertingConfig(env)).map(
        (sink) =>
          new SinkRunner({
            sink,
            bus,
            http,
            log,
            metrics,
            clock: systemClock,
            alertOf: async (id) => {
              const status = statuses.get(id)
              return status && { status }
            },
            options: { ...QUICK, ...about },
          }),
      )
      for (const runner of runners) {
        await runner.start()
        t.teardown(() => runner.stop())
      }
      return runners
    },
  }
}

export const webhookEnv = (origin: string) => ({
  MURMUR_ALERT_WEBHOOK_URL: `${origin}/hooks/token-in-path`,
  MURMUR_ALERT_WEBHOOK_SECRET: SECRET,
})

/** As a receiver does it that knows the specification and not our code. */
export function isSigned({ headers, body }: SeenRequest): boolean {
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const [version, signature = ''] = String(headers['webhook-signature']).split(',')
  const expected = createHmac('sha256', Buffer.from(SECRET.slice(6), 'base64'))
    .update(content)
    .digest()
  const got = Buffer.from(signature, 'base64')
  const isFresh = Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp'])) < 300
  return version === 'v1' && isFresh && got.length === expected.length && timingSafeEqual(got, expected)
}
