import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import {
  type BreakerOptions,
  type CircuitBreaker,
  type CircuitOpen,
  createCircuitBreaker,
} from '#platform/http/circuit-breaker.ts'
import type { HttpClient } from '#platform/http/http-client.ts'
import { classifyAnswer, type HttpOutcome } from '#platform/http/http-outcome.ts'
import type { LinkSigning } from '#platform/http/signed-link.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus, Pulling } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { PullLoop } from '#platform/nats/pull-loop.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { ATTRIBUTES, spanError } from '#platform/telemetry/spans.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import { type Alert, alertMessageSchema } from '#schemas/alert.ts'
import { alertSinkConsumer } from '#subjects/streams.ts'
import { deliverySpan } from '../alert-spans.ts'
import { alertLinks } from './alert-links.ts'
import { retryAfterError } from './send-fault.ts'
import { type AlertMessage, isOutdated, isSevereEnough, type Sink, type SinkRequest } from './sink.ts'

export interface SinkRunnerDeps {
  sink: Sink
  bus: Pulling & Pick<Bus, 'provideQueue'>
  http: HttpClient
  clock: Clock
  log: Log
  metrics: Metrics
  /** None: deliveries have no spans. */
  tracing?: Tracing
  /** An alert as it is now; undefined when nobody knows. */
  alertOf(alertId: string): Promise<Pick<Alert, 'status' | 'slack'> | undefined>
  /** Called when an alert stands in Slack. */
  onPosted?(alert: Alert, slack: NonNullable<Alert['slack']>): Promise<void>
  /** How links to alerts are signed; none are sent without. */
  links?: LinkSigning | undefined
  options?: Partial<SinkRunnerOptions>
}

export interface SinkRunnerOptions {
  timeoutMs: number
  /** Before the second attempt; doubled each time. */
  firstWaitMs: number
  longestWaitMs: number
  /** What could not be handed over for so long is no alarm any more. */
  giveUpAfterMs: number
  breaker: BreakerOptions
  /** 0 ≤ x < 1, for the jitter. */
  random: () => number
}

const DEFAULTS: SinkRunnerOptions = {
  timeoutMs: 10_000,
  firstWaitMs: 1000,
  longestWaitMs: 60_000,
  giveUpAfterMs: 24 * 3_600_000,
  breaker: { failures: 5, openMs: 10_000 },
  random: Math.random,
}
const REFUSED_FOR_NOW = {
  kind: 'retry',
  code: 'UPSTREAM_ERROR',
  mayHaveArrived: false,
  countsAgainstHost: true,
} as const

/** A request, and the same without what the service may be unable to fetch. */
interface Prepared {
  request: SinkRequest
  plain: SinkRequest
}

const CONCURRENCY = 4
/** There may be no orchestrator yet. */
const QUEUE_TIMEOUT_MS = 60_000
const PULL_EXPIRES_MS = 1000
const MAX_ANSWER_BYTES = 64 * 1024

/**
 * Hands alerts over to one sink: takes them from the sink's own queue, sends, acknowledges what arrived. What failed goes back
 * into the queue with a delay, which grows with its deliveries, so it waits there and not here, survives restarts, and holds up
 * nothing behind it. While the endpoint has asked for a pause or its circuit is open, nothing is taken at all.
 */
export class SinkRunner implements Component {
  readonly name: string
  readonly #deps: SinkRunnerDeps
  readonly #options: SinkRunnerOptions
  readonly #breaker: CircuitBreaker
  readonly #pulls: PullLoop
  readonly #inHand = new Set<Promise<void>>()
  /** What is sent about each alert: one thing after the other, or the end of it might overtake its begin. */
  readonly #ofAlert = new Map<string, Promise<void>>()
  /** Monotonic: the endpoint asked not to be called before. */
  #pausedUntilMs = 0

  constructor(deps: SinkRunnerDeps) {
    this.#deps = deps
    this.#options = { ...DEFAULTS, ...deps.options }
    this.name = `alert sink ${deps.sink.name}`
    this.#breaker = createCircuitBreaker(deps.clock, this.#options.breaker)
    showZero(deps.metrics, deps.sink.name)
    deps.metrics.onScrape(() => {
      // Between two trials it is open too.
      const isOpen = Number.isFinite(this.#breaker.maxConcurrency)
      deps.metrics
        .gauge('murmur_alert_sink_breaker_open')
        .labels(deps.sink.name)
        .set(isOpen ? 1 : 0)
    })
    const { stream, name } = alertSinkConsumer(deps.sink.name)
    const puller = deps.bus.consumers.createPuller({ stream, consumer: name }, (delivery) =>
      this.#receive(delivery),
    )
    this.#pulls = new PullLoop(puller, {
      room: () => this.#room(),
      untilRoom: (signal) => this.#untilRoom(signal),
      expiresMs: PULL_EXPIRES_MS,
      clock: deps.clock,
    })
  }

  async start(): Promise<void> {
    const { bus, sink } = this.#deps
    await bus.provideQueue({ queue: 'alert-sink', sink: sink.name }, { waitMs: QUEUE_TIMEOUT_MS })
    this.#pulls.start()
  }

  async quiesce(): Promise<void> {
    await this.#pulls.stop()
  }

  /** Waits for what is being sent: it would arrive twice otherwise. */
  async stop(): Promise<void> {
    await this.quiesce()
    await Promise.all(this.#inHand)
  }

  #room(): number {
    return this.#restMs() > 0 ? 0 : Math.min(CONCURRENCY, this.#breaker.maxConcurrency) - this.#inHand.size
  }

  #untilRoom(signal: AbortSignal): Promise<void> {
    const restMs = this.#restMs()
    if (restMs > 0) return this.#deps.clock.sleep(Math.min(restMs, 1000), signal)
    // With nothing in hand there is nothing to wait for: a race of none would never end.
    return this.#inHand.size > 0 ? Promise.race(this.#inHand) : this.#deps.clock.sleep(1000, signal)
  }

  #receive(delivery: Delivery): void {
    if (this.#pulls.stopped) {
      delivery.nak()
      return
    }
    const message = messageIn(delivery.data)
    if (!message) {
      delivery.ack()
      return
    }
    const { id } = message.data
    const before = this.#ofAlert.get(id) ?? Promise.resolve()
    const work = before
      .then(() => this.#deliver(message, delivery))
      .catch((error: unknown) => {
        this.#deps.log.error(
          { sink: this.#deps.sink.name, err: error },
          'an alert was left to be delivered again',
        )
        delivery.nak(this.#options.longestWaitMs)
      })
      .finally(() => {
        this.#inHand.delete(work)
        if (this.#ofAlert.get(id) === work) this.#ofAlert.delete(id)
      })
    this.#inHand.add(work)
    this.#ofAlert.set(id, work)
  }

  /** Undefined when there is nothing to send: it is not severe enough, somebody has snoozed it, or something newer is known. */
  async #requestFor(message: AlertMessage, delivery: Delivery): Promise<Prepared | undefined> {
    const { sink, clock, links, alertOf } = this.#deps
    const { data } = message
    if (data.snoozed || !isSevereEnough(data.severity, sink.minSeverity)) return undefined
    // Only then can anything have become of it that matters here.
    const mayBeOld = delivery.deliveryCount > 1 || message.type !== 'murmuration.alert.raised'
    const now = mayBeOld ? await alertOf(data.id) : undefined
    if (now && isOutdated(message, now.status)) return undefined
    const nowMs = clock.nowMs()
    const slack = now?.slack ?? data.slack
    const context = { nowMs, slack, links: links && alertLinks(links, data, nowMs) }
    const request = sink.build(message, context)
    return request && { request, plain: sink.build(message, { ...context, isPlain: true }) ?? request }
  }

  async #deliver(message: AlertMessage, delivery: Delivery): Promise<void> {
    const { sink } = this.#deps
    const prepared = await this.#requestFor(message, delivery)
    if (!prepared) {
      delivery.ack()
      return
    }
    // Asked for before the pause began.
    const restMs = this.#restMs()
    if (restMs > 0) {
      delivery.nak(restMs)
      return
    }
    const span = deliverySpan(this.#deps.tracing, delivery, { sink: sink.name, alert: message.data })
    const outcome = await this.#breaker.run(() => this.#send(prepared, message.data))
    span?.setAttribute(ATTRIBUTES.outcome, outcome.kind)
    span?.end(
      outcome.kind === 'done'
        ? undefined
        : spanError({ code: 'code' in outcome ? outcome.code : 'SINK_REFUSED', message: outcome.why }),
    )
    this.#settle(outcome, message, delivery)
  }

  /** How long the endpoint is to be left alone. */
  #restMs(): number {
    return Math.max(this.#pausedUntilMs - this.#deps.clock.monotonicMs(), this.#breaker.openForMs())
  }

  async #send({ request, plain }: Prepared, alert: Alert): Promise<HttpOutcome> {
    const { http, clock } = this.#deps
    const { url, headers, body } = request
    try {
      const answer = await http.call({
        method: 'POST',
        url,
        headers,
        body,
        maxBytes: MAX_ANSWER_BYTES,
        timeoutMs: this.#options.timeoutMs,
        // A call that is under way may finish while the process stops; its time is bounded anyway.
        signal: new AbortController().signal,
        keeps: () => true,
      })
      // Redirects are refused: who signs must know whom it is for.
      const outcome = classifyAnswer(answer, { nowMs: clock.nowMs(), serverErrors: 'all' })
      return outcome.kind === 'done' ? await this.#read(answer.body, { request, plain }, alert) : outcome
    } catch (error) {
      return retryAfterError(error)
    }
  }

  /** Some say in the body of a good answer that it is none. */
  async #read(body: Uint8Array, { request, plain }: Prepared, alert: Alert): Promise<HttpOutcome> {
    const said = this.#deps.sink.readAnswer?.(body, request)
    if (!said) return { kind: 'done' }
    if (said.kind === 'noPicture' && plain.body !== request.body)
      return this.#send({ request: plain, plain }, alert)
    if (said.kind === 'later') return { ...REFUSED_FOR_NOW, why: said.why }
    if (said.kind !== 'done') return { kind: 'permanent', code: 'UPSTREAM_ERROR', why: said.why }
    if (said.slack) await this.#notePosted(alert, said.slack)
    return { kind: 'done' }
  }

  /** Without it, its message can't be changed any more: no reason to post it once more. */
  async #notePosted(alert: Alert, slack: NonNullable<Alert['slack']>): Promise<void> {
    const { log, onPosted } = this.#deps
    await onPosted?.(alert, slack).catch((error: unknown) =>
      log.warn(
        { alert: alert.id, reason: messageOf(error) },
        'where an alert stands in Slack could not be noted',
      ),
    )
  }

  #settle(outcome: HttpOutcome | CircuitOpen, message: AlertMessage, delivery: Delivery): void {
    const { sink, log, metrics, clock } = this.#deps
    const about = { sink: sink.name, alert: message.data.id, attempt: delivery.deliveryCount }
    const failures = metrics.counter('murmur_alert_sink_failures_total')
    if (outcome.kind === 'done') {
      delivery.ack()
      metrics.counter('murmur_alert_sink_deliveries_total').labels(sink.name).inc()
      metrics
        .histogram('murmur_alert_sink_delay_seconds')
        .labels(sink.name)
        .observe((clock.nowMs() - delivery.storedAtMs) / 1000)
      return
    }
    const isTooOld = clock.nowMs() - delivery.storedAtMs > this.#options.giveUpAfterMs
    if (outcome.kind === 'permanent' || isTooOld) {
      delivery.term()
      failures.labels(sink.name, 'dropped').inc()
      log.error({ ...about, why: outcome.why }, 'an alert was not handed over and is given up')
      return
    }
    failures.labels(sink.name, 'again').inc()
    const waitMs = Math.max(this.#backoffMs(delivery.deliveryCount), outcome.afterMs ?? 0)
    if (outcome.afterMs !== undefined) {
      this.#pausedUntilMs = Math.max(this.#pausedUntilMs, clock.monotonicMs() + outcome.afterMs)
    }
    delivery.nak(waitMs)
    log.warn({ ...about, why: outcome.why, waitMs: Math.round(waitMs) }, 'an alert is handed over later')
  }

  /** Half fixed, half random: what failed together does not come back together. */
  #backoffMs(attempt: number): number {
    const { firstWaitMs, longestWaitMs, random } = this.#options
    const ceilingMs = Math.min(longestWaitMs, firstWaitMs * 2 ** Math.min(attempt - 1, 30))
    return (ceilingMs * (1 + random())) / 2
  }
}

/** What has not happened yet reads 0, so that its first time is an increase. */
function showZero(metrics: Metrics, sink: string): void {
  metrics.counter('murmur_alert_sink_deliveries_total').labels(sink)
  metrics.histogram('murmur_alert_sink_delay_seconds').labels(sink)
  for (const outcome of ['again', 'dropped'])
    metrics.counter('murmur_alert_sink_failures_total').labels(sink, outcome)
}

/** Undefined for what is none: nobody is told about it. */
function messageIn(bytes: Uint8Array): AlertMessage | undefined {
  return readMessage(bytes, alertMessageSchema)
}
