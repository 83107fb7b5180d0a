import type { Clock } from '#platform/clock/clock.ts'
import type { Consumers } from '#platform/nats/consumers.ts'
import type { Alert } from '#schemas/alert.ts'
import { isAboutCamera } from '#schemas/camera-event.ts'
import {
  type AlertingInput,
  alertingInputSchema,
  type MonitorSummary,
  monitorSummarySchema,
} from '#schemas/monitor-steps.ts'
import { type AgentDefinition, defineAgent, done, seconds } from '#sdk/index.ts'
import { CAMERA_EVENTS_CONSUMER } from '#subjects/streams.ts'
import type { AlertStore, StoredAlert } from './history/alert-store.ts'
import { summariseMonitor } from './summarise-monitor.ts'

export interface AlertingAgentDeps {
  bus: { consumers: Pick<Consumers, 'depth'> }
  store: AlertStore
  /** Incidents of a monitor that nobody looks after any more are closed. */
  monitorEnds(monitor: string, reason: string): Promise<void>
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
}

/** The last events of a monitor are dealt with within milliseconds, their snapshots within two seconds. */
const SETTLE_TIMEOUT_MS = 5000
/** A site may have an hour of events to send on first. */
const SITE_SETTLE_TIMEOUT_MS = 20_000
const POLL_INTERVAL_MS = 50
const PAGE = 500

/** The agent of the last step of a monitor: it waits until its events are alerts, and sums it up. */
export function createAlertingAgent(deps: AlertingAgentDeps): AgentDefinition<AlertingInput, MonitorSummary> {
  return defineAgent({
    name: 'alerting',
    version: '1',
    description: 'Sums up a monitor: frames, tracks, and the alerts that were raised.',
    input: alertingInputSchema,
    output: monitorSummarySchema,
    limits: { concurrency: 16, timeoutMs: seconds(30) },
    async handle(input, ctx) {
      await deps.monitorEnds(ctx.taskId, endOf(input))
      const alerts = await settledAlerts(input, ctx.taskId, deps, ctx.signal)
      return done(summariseMonitor(input, alerts))
    },
  })
}

/** The alerts of a monitor, when its events and their snapshots are settled or the time for that is over. */
async function settledAlerts(
  input: AlertingInput,
  monitor: string,
  deps: AlertingAgentDeps,
  signal: AbortSignal,
): Promise<Alert[]> {
  const { clock } = deps
  const timeoutMs = input.site === undefined ? SETTLE_TIMEOUT_MS : SITE_SETTLE_TIMEOUT_MS
  const untilMs = clock.monotonicMs() + timeoutMs
  for (;;) {
    // In this order: an event that is dealt with has its alert in the history.
    const settled = await areEventsSettled(input, monitor, deps)
    const stored = await alertsOf(monitor, deps.store)
    const complete = settled && stored.every(({ snapshotSettled }) => snapshotSettled)
    if (complete || clock.monotonicMs() >= untilMs || signal.aborted) return stored.map(({ alert }) => alert)
    await clock.sleep(POLL_INTERVAL_MS, signal)
  }
}

/** As many were handled as the tracker has published, or none is left in the queue at all. */
async function areEventsSettled(
  { capture, tracking, site }: AlertingInput,
  monitor: string,
  { bus, store }: AlertingAgentDeps,
): Promise<boolean> {
  const published = Object.values(tracking.events).reduce((sum, count) => sum + count, 0)
  // Events of the capture are not in that sum; there are some only when its source was lost.
  const isSourceSteady = capture.reconnects === 0 && capture.ended !== 'source failed'
  if (isSourceSteady) {
    const counts = await store.eventsOf(monitor)
    let handled = 0
    for (const [kind, count] of counts) if (!isAboutCamera(kind)) handled += count
    if (handled >= published) return true
  }
  // An empty queue here says nothing of what is still on the site.
  if (site !== undefined && isSourceSteady) return false
  const depth = await bus.consumers.depth(CAMERA_EVENTS_CONSUMER.stream, CAMERA_EVENTS_CONSUMER.name)
  return depth !== undefined && depth.waiting + depth.inWork === 0
}

/** Why incidents of the monitor are closed, for people. */
function endOf({ capture: { ended, reason } }: AlertingInput): string {
  return `Its monitor has ended: ${reason ?? ended}`
}

async function alertsOf(monitor: string, store: AlertStore): Promise<StoredAlert[]> {
  const alerts: StoredAlert[] = []
  for (let start = 0; ; start += PAGE) {
    const ids = await store.newest({ monitor }, start, PAGE)
    for (const stored of await store.read(ids)) if (stored) alerts.push(stored)
    if (ids.length < PAGE) return alerts
  }
}
