import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { HttpClient } from '#platform/http/http-client.ts'
import type { LinkSigning } from '#platform/http/signed-link.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { withTrace } from '#platform/telemetry/active-trace.ts'
import { type Log, traceFields } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { serveAlerts } from './alert-api.ts'
import { type AlertPublisher, createAlertPublisher } from './alert-publisher.ts'
import { alertTrace } from './alert-spans.ts'
import { serveBookmarks } from './bookmarks/bookmark-api.ts'
import type { BookmarkStore } from './bookmarks/bookmark-store.ts'
import { enrichAlert } from './enrich-alert.ts'
import { serveFalsePositives } from './false-positives/false-positive-api.ts'
import { FalsePositiveStore } from './false-positives/false-positive-store.ts'
import type { SuppressionCounts } from './false-positives/suppression-counts.ts'
import type { AlertStore } from './history/alert-store.ts'
import { ensureHistory, lookOverHistory, readStream } from './history/rebuild-history.ts'
import { applyStateEvent, type IncidentDeps } from './incidents/change-incident.ts'
import { IncidentKeeper, type KeeperIntervals } from './incidents/incident-keeper.ts'
import type { IncidentStore } from './incidents/incident-store.ts'
import type { IncidentLimits, StateEvent } from './incidents/next-incident.ts'
import { EventIntake } from './intake/event-intake.ts'
import { type Handled, raiseAlert } from './raise-alert.ts'
import { serveReviews } from './reviews/review-api.ts'
import type { ReviewStore } from './reviews/review-store.ts'
import type { Sink } from './sinks/sink.ts'
import { SinkRunner, type SinkRunnerDeps, type SinkRunnerOptions } from './sinks/sink-runner.ts'
import { Snapshots } from './snapshots.ts'
import { serveSnoozes } from './snoozes/snooze-api.ts'
import type { SnoozeStore } from './snoozes/snooze-store.ts'

export interface AlertingDeps {
  bus: Bus
  /** Where pictures of a monitor are kept. */
  pictures: (monitor: string) => Pick<BlobStore, 'put'>
  store: AlertStore
  incidents: IncidentStore
  /** When incidents are closed. */
  incidentLimits: IncidentLimits
  /** How often incidents are looked at, where not as by default. */
  keeperIntervals?: KeeperIntervals
  reviews: ReviewStore
  snoozes: SnoozeStore
  bookmarks: BookmarkStore
  /** How often learned false positives are seen. */
  suppressions: SuppressionCounts
  clock: Clock
  log: Log
  metrics: Metrics
  /** None: alerts have no spans. */
  tracing?: Tracing
  /** What alerts are sent on to, and through which client. None by default. */
  sinks?: {
    all: readonly Sink[]
    http: HttpClient
    options?: Partial<SinkRunnerOptions>
    /** How links to alerts are signed; none are sent without. */
    links?: LinkSigning | undefined
  }
  /** How alerts get into their stream, unless that of the bus. */
  publisher?: AlertPublisher
}

/** There may be no orchestrator yet. */
const QUEUE_TIMEOUT_MS = 60_000
/** What comes again waits this long, doubled each time. */
const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 4000
/** How soon it is noticed that another Redis answers. */
const LOOK_INTERVAL_MS = 5000
/** A server that is away is worth a line now and then, not one an event. */
const WARN_INTERVAL_MS = 5000

/**
 * Turns camera events into alerts, in every instance that runs it:
 *
 *   CAMERA_EVENTS ──► intake, most urgent first ──► raise (history, stream) ──► acknowledge ──► snapshot, on the side
 *
 * Instances share the queue and the history; none of them remembers anything. It also answers questions about alerts and runs
 * the sinks.
 */
export class AlertingService implements Component {
  readonly name = 'alerting'
  readonly #deps: AlertingDeps
  readonly #publisher: AlertPublisher
  readonly #intake: EventIntake
  readonly #keeper: IncidentKeeper
  /** What is done about each state of a camera here: one event after the other. */
  readonly #states = new Map<string, Promise<unknown>>()
  readonly #snapshots: Snapshots
  readonly #sinks: SinkRunner[]
  readonly #stopping = new AbortController()
  #endServices: () => void = () => {}
  #looking: Promise<void> = Promise.resolve()
  #ensuring: Promise<void> | undefined
  #warnedAtMs = Number.NEGATIVE_INFINITY

  constructor(deps: AlertingDeps) {
    const { bus, sinks } = deps
    this.#deps = deps
    this.#publisher = deps.publisher ?? createAlertPublisher(bus)
    this.#snapshots = new Snapshots({ ...deps, publisher: this.#publisher })
    this.#intake = new EventIntake({
      bus,
      onEvent: (event, delivery) => this.#handle(event, delivery),
      onMalformed: (delivery, fault) => this.#bury(delivery, fault),
      onLost: () => this.#provision().catch((error: unknown) => this.#warn(error)),
    })
    this.#keeper = new IncidentKeeper({
      ...this.#incidentDeps(),
      bus,
      clock: deps.clock,
      log: deps.log,
      intervals: deps.keeperIntervals,
      isSnoozed: async (alert) => (await deps.snoozes.hiding(alert, deps.clock.nowMs())) !== undefined,
    })
    const { all = [], http, options = {}, links } = sinks ?? {}
    const alertOf = async (id: string) => (await deps.store.read([id]))[0]?.alert
    const onPosted: SinkRunnerDeps['onPosted'] = (alert, slack) => this.#notePosted(alert, slack)
    this.#sinks = all.map(
      (sink) => new SinkRunner({ ...deps, sink, http: http!, options, alertOf, onPosted, links }),
    )
  }

  async start(): Promise<void> {
    await this.#provision({ waitMs: QUEUE_TIMEOUT_MS })
    // Before anything is raised, or its sinks would begin behind it.
    for (const sink of this.#sinks) await sink.start()
    // Without Redis events wait in their queue, and the history is made when the first of them is raised.
    await this.#ensureHistory().catch((error: unknown) => this.#warn(error))
    const deps = {
      ...this.#deps,
      publisher: this.#publisher,
      ensureHistory: () => this.#ensureHistory(),
    }
    const falsePositives = new FalsePositiveStore(this.#deps)
    const ends = [
      serveAlerts(deps),
      serveReviews(deps),
      serveSnoozes(deps),
      serveBookmarks(deps),
      serveFalsePositives({ ...deps, falsePositives }),
    ]
    this.#endServices = () => {
      for (const end of ends) end()
    }
    this.#intake.start()
    this.#keeper.start()
    this.#looking = this.#lookOver()
  }

  async quiesce(): Promise<void> {
    this.#endServices()
    await this.#intake.quiesce()
    await Promise.all(this.#sinks.map((sink) => sink.quiesce()))
  }

  /** In the history, and in the stream, from which that is made again. */
  async #notePosted({ id }: Alert, slack: NonNullable<Alert['slack']>): Promise<void> {
    const { store, clock } = this.#deps
    await store.noteSlack(id, slack)
    const [stored] = await store.read([id])
    if (stored) await this.#publisher.changed(stored.alert, 'posted', clock.nowMs())
  }

  /** Incidents of a monitor that ends in order are closed. */
  async monitorEnds(monitor: string, reason: string): Promise<void> {
    await this.#keeper.monitorEnds(monitor, reason)
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.quiesce()
    await this.#keeper.stop()
    await this.#looking
    await this.#intake.stop()
    await this.#snapshots.stop()
    await Promise.all(this.#sinks.map((sink) => sink.stop()))
  }

  #provision(options?: { waitMs: number }): Promise<void> {
    return this.#deps.bus.provideQueue({ queue: 'camera-events' }, options)
  }

  async #lookOver(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      await lookOverHistory(this.#deps).catch((error: unknown) => this.#warn(error))
      await this.#deps.clock.sleep(LOOK_INTERVAL_MS, signal)
    }
  }

  /** One at a time, however many ask. */
  #ensureHistory(): Promise<void> {
    this.#ensuring ??= ensureHistory(this.#deps).finally(() => {
      this.#ensuring = undefined
    })
    return this.#ensuring
  }

  /** Never rejects: what could not be done is given back and comes again. */
  async #handle(event: CameraEvent, delivery: Delivery): Promise<void> {
    try {
      if (event.falsePositive !== undefined) {
        await this.#deps.suppressions.count(event.falsePositive, event)
        delivery.ack()
        this.#deps.metrics
          .counter('murmur_false_positives_suppressed_total')
          .labels(event.rule.severity)
          .inc()
        return
      }
      const trace = alertTrace(this.#deps.tracing, event, delivery)
      const handled = await withTrace(trace?.traceparent, () => this.#raise(event))
      delivery.ack()
      if (handled.kind === 'raised') trace?.raised(handled.alert)
      this.#count(event, handled, trace?.traceparent)
      if (handled.kind === 'raised' && handled.snapshotWanted) this.#snapshots.add(handled.alert)
    } catch (error) {
      this.#warn(error)
      delivery.nak(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(delivery.deliveryCount - 1, 10)))
    }
  }

  #raise(event: CameraEvent): Promise<Handled> {
    const { state } = event
    if (state) return this.#changeState({ ...event, state })
    return raiseAlert(event, {
      ...this.#deps,
      ...this.#incidentDeps(),
      isPublished: (alert) => this.#isPublished(alert),
    })
  }

  /** In the order in which they came: of a camera that comes and goes, the end must not overtake the begin. */
  async #changeState(event: StateEvent): Promise<Handled> {
    const key = `${event.tenant}/${event.camera}/${event.rule.id}/${event.subject}`
    const before = this.#states.get(key)
    const work = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => applyStateEvent(event, this.#incidentDeps()))
    this.#states.set(key, work)
    try {
      const handled = await work
      if (handled.kind === 'raised') return { kind: 'raised', alert: handled.alert, snapshotWanted: false }
      return { kind: 'state', ...(handled.kind === 'changed' && { alert: handled.alert }) }
    } finally {
      if (this.#states.get(key) === work) this.#states.delete(key)
    }
  }

  #incidentDeps(): IncidentDeps {
    const { incidents, clock, incidentLimits: limits } = this.#deps
    return {
      ...{ incidents, clock, limits, publisher: this.#publisher },
      ensureHistory: () => this.#ensureHistory(),
      enrich: (alert) => enrichAlert(alert, this.#deps),
      extend: ({ review, incident, lastSeenAtMs }) =>
        review === undefined
          ? Promise.resolve()
          : this.#deps.reviews.extend(review, Math.max(lastSeenAtMs, incident?.endedAtMs ?? 0)),
    }
  }

  #count(event: CameraEvent, handled: Handled, traceparent: string | undefined): void {
    const { metrics, log } = this.#deps
    const { severity } = event.rule
    if (handled.kind === 'state') {
      const { id, camera, incident } = handled.alert ?? {}
      if (incident)
        log.info({ alert: id, camera, phase: incident.phase, times: incident.times }, 'an incident goes on')
      return
    }
    if (handled.kind === 'counted') {
      if (handled.first) metrics.counter('murmur_alerts_suppressed_total').labels(severity).inc()
      return
    }
    const { id, camera, rule, latencyMs } = handled.alert
    metrics.counter('murmur_alerts_raised_total').labels(severity).inc()
    if (latencyMs !== undefined) {
      metrics
        .histogram('murmur_alert_latency_seconds')
        .labels(severity)
        .observe(latencyMs / 1000)
    }
    const about = { alert: id, severity, camera, rule: rule.id, latencyMs, task: event.monitor }
    log.info({ ...traceFields(traceparent), ...about }, 'alert raised')
  }

  async #isPublished(alert: Alert): Promise<boolean> {
    let found = false
    const wanted = `"id":"${alert.id}"`
    await readStream(
      this.#deps.bus,
      SUBJECTS.alert(alert.severity, alert.tenant, alert.camera),
      ({ data }) => {
        found ||= Buffer.from(data).includes(wanted)
      },
    )
    return found
  }

  /** Kept for people, out of the way; once, however often it is delivered. Never rejects. */
  async #bury(delivery: Delivery, fault: string): Promise<void> {
    const { bus, log, metrics } = this.#deps
    try {
      await bus.publisher.publish(SUBJECTS.dead('alerting'), delivery.data, {
        msgId: `camera-events:${delivery.seq}:dead`,
        giveUpAfterMs: 10_000,
      })
      delivery.term()
      metrics.counter('murmur_camera_events_rejected_total').labels().inc()
      log.error({ subject: delivery.subject, seq: delivery.seq, fault }, 'a camera event could not be read')
    } catch (error) {
      this.#warn(error)
      delivery.nak(LONGEST_WAIT_MS)
    }
  }

  #warn(error: unknown): void {
    const { clock, log } = this.#deps
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#warnedAtMs < WARN_INTERVAL_MS) {
      log.debug({ reason: messageOf(error) }, 'alerting has to wait')
      return
    }
    this.#warnedAtMs = nowMs
    log.warn({ reason: messageOf(error) }, 'alerting has to wait')
  }
}
