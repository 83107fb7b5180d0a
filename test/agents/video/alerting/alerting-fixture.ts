import type { Test } from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { createRedis, type Redis, waitForRedis } from '#platform/redis/redis.ts'
import { silentLog } from '#platform/telemetry/logger.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import type { Alert } from '#schemas/alert.ts'
import { type CameraEvent, cameraEventExample } from '#schemas/camera-event.ts'
import { SERVICES } from '#subjects/operations.ts'
import { CAMERA_EVENTS_CONSUMER, STREAMS } from '#subjects/streams.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import type { LocalServers } from '../../../../deploy/local/servers/start-servers.ts'
import {
  type AlertingDeps,
  AlertingService,
} from '../../../../services/agents/video/alerting/alerting-service.ts'
import { BookmarkStore } from '../../../../services/agents/video/alerting/bookmarks/bookmark-store.ts'
import { SuppressionCounts } from '../../../../services/agents/video/alerting/false-positives/suppression-counts.ts'
import { RedisAlertStore } from '../../../../services/agents/video/alerting/history/redis-alert-store.ts'
import { RedisIncidentStore } from '../../../../services/agents/video/alerting/incidents/incident-store.ts'
import { ReviewStore } from '../../../../services/agents/video/alerting/reviews/review-store.ts'
import { SnoozeStore } from '../../../../services/agents/video/alerting/snoozes/snooze-store.ts'
import { openBus } from '../../../support/bus.ts'
import { provideQueues } from '../../../support/queues.ts'
import { withServers } from '../../../support/servers.ts'
import { until } from '../../../support/until.ts'

export const STORAGE_BYTES = 2 * 1024 ** 3
let events = 0

/** An event of its own, of a monitor that the test names. */
export function eventOf(about: Partial<CameraEvent> = {}): CameraEvent {
  const number = ++events
  const { rule = cameraEventExample.rule } = about
  return {
    ...cameraEventExample,
    id: `event-${process.pid}-${number}`,
    subject: `track-${number}`,
    ...about,
    rule,
  }
}

export function ruleOf(
  severity: Alert['severity'],
  about: Partial<CameraEvent['rule']> = {},
): CameraEvent['rule'] {
  return { ...cameraEventExample.rule, id: `rule-${severity}`, severity, ...about }
}

export async function openRedis(t: Pick<Test, 'teardown'>, url: string): Promise<Redis> {
  const redis = createRedis(url)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 5000)
  return redis
}

/** Quick enough to be waited for. Milliseconds. */
export const INCIDENT_LIMITS = { steadyMs: 300, flapSteadyMs: 800, flapWindowMs: 60_000 }

export interface Alerting {
  service: AlertingService
  deps: AlertingDeps
  bus: Bus
  store: RedisAlertStore
  /** Ends it as a crash would: what it has in hand is neither acknowledged nor given back. */
  crash(): Promise<void>
}

/** An instance with connections of its own, stopped at the end of the test. */
export async function startAlerting(
  t: Pick<Test, 'teardown'>,
  servers: Pick<LocalServers, 'natsUrl' | 'redisUrl'>,
  about: Partial<AlertingDeps> = {},
): Promise<Alerting> {
  const bus = await openBus(t, servers.natsUrl)
  const redis = await openRedis(t, servers.redisUrl)
  const store = new RedisAlertStore(redis)
  const blobs = await bus.objects.create({ storageBytes: STORAGE_BYTES })
  const pictures = about.pictures ?? (() => blobs)
  const deps = {
    bus,
    store,
    incidents: new RedisIncidentStore(redis),
    incidentLimits: INCIDENT_LIMITS,
    keeperIntervals: { dueMs: 100, lookMs: 300 },
    reviews: new ReviewStore(redis),
    snoozes: new SnoozeStore(redis),
    bookmarks: new BookmarkStore(redis),
    suppressions: new SuppressionCounts(redis),
    clock: systemClock,
    log: silentLog,
    metrics: createMetrics(),
    ...about,
    pictures,
  }
  const service = new AlertingService(deps)
  let crashed = false
  t.teardown(async () => {
    if (!crashed) await service.stop()
  })
  await service.start()
  // As the service's own main does: whoever asks on another connection finds it from here on.
  await bus.flush()
  return {
    service,
    deps,
    bus,
    store,
    async crash() {
      crashed = true
      await bus.close()
      await redis.close()
      // It can tell nobody any more; this only ends its timers.
      await service.stop()
    },
  }
}

/** Servers of the test file's own, with what a client does. */
export async function createAlertingWorld(t: Pick<Test, 'teardown' | 'comment'>) {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  await bus.streams.provision({ partitions: 1, storageBytes: STORAGE_BYTES })
  await bus.consumers.provision(CAMERA_EVENTS_CONSUMER)
  await provideQueues(t, bus)
  const redis = await openRedis(t, servers.redisUrl)
  const { stream, name } = CAMERA_EVENTS_CONSUMER
  const isSettled = async () => {
    const depth = await bus.consumers.depth(stream, name)
    return depth !== undefined && depth.waiting + depth.inWork === 0
  }
  return {
    servers,
    bus,
    redis,
    /** All events are dealt with. */
    settled: () => until('all events are dealt with', isSettled, 20_000),
    raisedOn: (camera: string) => published(bus, SUBJECTS.alertsOfCamera('default', camera)),
    list: async (request: object) => listAlerts(bus, request),
    async change(request: object): Promise<Alert> {
      const answer = await bus.request(SERVICES.changeAlert, request, { timeoutMs: 5000 })
      return (answer as { alert: Alert }).alert
    },
    flushRedis: () => redis.script({ name: 'testFlushAll', lua: "return redis.call('FLUSHALL')" }, [], []),
  }
}

export async function listAlerts(bus: Bus, request: object): Promise<Alert[]> {
  return ((await bus.request(SERVICES.listAlerts, request, { timeoutMs: 5000 })) as { alerts: Alert[] })
    .alerts
}

export function publishEvent(bus: Bus, event: CameraEvent, msgId = MESSAGE_IDS.cameraEvent(event.id)) {
  return bus.publisher.publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
    msgId,
  })
}

/** Everything in the stream of alerts on the subject, oldest first. */
export async function published(
  bus: Bus,
  subject = '>',
): Promise<{ subject: string; body: PublishedBody }[]> {
  const lastSeq = await bus.streams.lastSeq(STREAMS.alerts.name, subject)
  const found: { subject: string; body: PublishedBody }[] = []
  if (lastSeq === 0) return found
  let done = false
  const reader = bus.consumers.readLog({
    stream: STREAMS.alerts.name,
    filterSubject: subject,
    fromSeq: 1,
    onMessage({ subject, data, seq }) {
      found.push({ subject, body: JSON.parse(Buffer.from(data).toString()) })
      done ||= seq >= lastSeq
    },
  })
  await until('the stream was read', () => done)
  await reader.stop()
  return found
}

export interface PublishedBody {
  type: string
  id: string
  change?: string
  data: Alert
}
