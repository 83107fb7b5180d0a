import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf, toProblem } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { requestNameOf } from '#platform/nats/hold-headers.ts'
import { PullLoop } from '#platform/nats/pull-loop.ts'
import type { RequestContext } from '#platform/nats/request-reply.ts'
import { type Log, traceFields } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import { DEFAULT_TENANT, TOKEN_PATTERN } from '#schemas/identifiers.ts'
import type { Problem } from '#schemas/problem.ts'
import type { Submission, SubmissionOutcome, SubmissionReceipt } from '#schemas/submission.ts'
import { INTAKE_CONSUMER } from '#subjects/streams.ts'
import { lastToken, SUBJECTS } from '#subjects/subjects.ts'
import { withoutRange } from '#subjects/task-partition.ts'
import type { ObjectKeeping } from '../objects/object-keeping.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'
import type { KeyedSubmissions } from '../submission-keys/keyed-submissions.ts'
import { type AcceptDeps, acceptTask } from './accept-task.ts'
import type { AdmissionControl } from './admission-control.ts'
import {
  type AdmitContext,
  admit,
  intakeIdentity,
  intakePosition,
  type TaskOrigin,
  taskIdFor,
} from './admit.ts'
import type { SubmissionOutcomes } from './submission-outcomes.ts'
import { submissionSpan } from './submission-span.ts'

export interface IntakeDeps extends Pick<AcceptDeps, 'ended'> {
  bus: Bus
  store: PartitionStore
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'newest' | 'assertSure' | 'elsewhere'> | undefined
  keepFinishedMs: number
  admission: AdmissionControl
  outcomes: SubmissionOutcomes
  /** Those with a key of `singleton` or `debounce`. */
  keyed: Pick<KeyedSubmissions, 'submit'>
  clock: Clock
  isKnownAgent: (agent: string) => Promise<boolean>
  template: NonNullable<AdmitContext['template']>
  sources: NonNullable<AdmitContext['sources']>
  similarAgents: (agent: string) => Promise<readonly string[]>
  assertOwn?: AdmitContext['assertOwn']
  /** Keeps what tasks refer to for as long as they are there. */
  keeping?: Pick<ObjectKeeping, 'keepFor'> | undefined
  metrics: Metrics
  tracing: Tracing
  log: Log
}

const BATCH = 256
/** Where the refusal of what names no type of task is told. */
const NO_TYPE = '_'
const PULL_EXPIRES_MS = 2000
const REQUEST_TIMEOUT_MS = 5000
/** Shorter than the queue waits for an answer: what the log does not take is not in hand twice. */
const TAKE_TIMEOUT_MS = 4000
/** While there is no room, the queue is left alone; what was taken already comes again. */
const NO_ROOM_MS = 250
const MAX_NAK_MS = 5000

/**
 * The way in: the durable queue that `nats pub tasks.submit.<type>` ends in, and the service that answers. Both check in
 * the same way; refusals are published under `tasks.rejected.<type>`, or answered to the requester.
 */
export class Intake implements Component {
  readonly name = 'intake'
  readonly #deps: IntakeDeps
  #open = new Set<Promise<void>>()
  #unserve: () => void = () => {}
  #pulls: PullLoop | undefined

  constructor(deps: IntakeDeps) {
    this.#deps = deps
  }

  start(): void {
    const { admission, bus, clock } = this.#deps
    this.#unserve = bus.serve('submitTask', (data, asked) => this.#answer(data, asked))
    const from = { stream: INTAKE_CONSUMER.stream, consumer: INTAKE_CONSUMER.name }
    const puller = bus.consumers.createPuller(from, (delivery) => this.#track(this.#take(delivery)))
    this.#pulls = new PullLoop(puller, {
      room: () => Math.min(BATCH, admission.room(DEFAULT_TENANT)),
      untilRoom: (signal) => clock.sleep(NO_ROOM_MS, signal),
      expiresMs: PULL_EXPIRES_MS,
      clock,
    })
    this.#pulls.start()
  }

  /** Asks for nothing more; what is in hand is finished. */
  async quiesce(): Promise<void> {
    this.#unserve()
    await this.#pulls?.stop()
    await Promise.all(this.#open)
  }

  /** Takes in what this orchestrator itself submits for a tenant, under a key of its own. @throws MurmurError what it is refused for */
  accept(
    tenant: string,
    submission: Submission,
    origin?: TaskOrigin,
    traceparent?: string,
  ): Promise<SubmissionReceipt> {
    return this.#submit(Buffer.from(JSON.stringify(submission)), {
      tenant,
      origin,
      fallbackIdentity: randomUUID(),
      traceparent,
      giveUpAfterMs: REQUEST_TIMEOUT_MS,
    })
  }

  /** Checks what would be submitted later. @throws MurmurError what it would be refused for */
  async check(tenant: string, submission: Submission): Promise<void> {
    const { isKnownAgent, similarAgents, sources, assertOwn } = this.#deps
    const context = { tenant, fallbackIdentity: '', isKnownAgent, similarAgents, sources, assertOwn }
    await admit(Buffer.from(JSON.stringify(submission)), context)
  }

  #track(work: Promise<void>): void {
    this.#open.add(work)
    void work.finally(() => this.#open.delete(work))
  }

  async #take(delivery: Delivery): Promise<void> {
    const type = lastToken(delivery.subject)
    const { seq } = delivery
    const messageId = delivery.header('Nats-Msg-Id')
    try {
      // It may be made anew while we run, and numbers its messages from 1 then.
      const streamBorn = await this.#deps.bus.streams.createdAt(INTAKE_CONSUMER.stream)
      const { taskId } = await this.#submit(delivery.data, {
        tenant: DEFAULT_TENANT,
        type,
        idempotencyKey: messageId,
        fallbackIdentity: intakePosition(streamBorn, seq),
        isQueued: true,
        traceparent: delivery.header(TRACEPARENT_HEADER),
        giveUpAfterMs: TAKE_TIMEOUT_MS,
      })
      // A key of its own in its body: the message does not lead to the task.
      const named = taskIdFor(DEFAULT_TENANT, intakeIdentity({ messageId, seq }, streamBorn))
      if (withoutRange(taskId) !== named)
        await this.#record({ messageId, seq }, { status: 'accepted', taskId })
      delivery.ack()
    } catch (error) {
      const problem = toProblem(error)
      // Not the submission's fault: it stays in the queue.
      if (problem.code === 'OVERLOADED' || problem.code === 'QUOTA_EXCEEDED') {
        delivery.nak(Math.min(MAX_NAK_MS, problem.retryAfterMs ?? NO_ROOM_MS))
      } else if (problem.status >= 500) {
        this.#deps.log.warn({ err: error }, 'a submission could not be taken in, it is tried again')
        delivery.nak(500)
      } else {
        await this.reject(type, problem, { seq, messageId })
        delivery.term()
      }
    }
  }

  async #answer(data: Uint8Array, { tenant, message }: RequestContext): Promise<SubmissionReceipt> {
    try {
      return await this.#submit(data, {
        tenant,
        // Asked again, because no answer had come: it is the same task.
        fallbackIdentity: requestNameOf(message) ?? randomUUID(),
        traceparent: message.header(TRACEPARENT_HEADER),
        giveUpAfterMs: REQUEST_TIMEOUT_MS,
      })
    } catch (error) {
      if (!(error instanceof MurmurError)) this.#deps.log.error({ err: error }, 'a submission failed')
      this.#deps.metrics.counter('murmur_rejected_total').labels(toProblem(error).code).inc()
      throw error
    }
  }

  async #submit(
    data: Uint8Array,
    about: {
      tenant: string
      type?: string
      idempotencyKey?: string | undefined
      fallbackIdentity: string
      isQueued?: boolean
      origin?: TaskOrigin | undefined
      traceparent: string | undefined
      giveUpAfterMs: number
    },
  ): Promise<SubmissionReceipt> {
    const { metrics, isKnownAgent, similarAgents, sources, template, tracing, assertOwn } = this.#deps
    const span = submissionSpan(tracing, { ...about, bytes: data.length })
    try {
      const admission = await admit(data, {
        ...about,
        traceparent: span.ofTask,
        isKnownAgent,
        similarAgents,
        sources,
        template,
        assertOwn,
        asksKeyFirst: true,
        // A child is of the epoch of its parent.
        range: about.origin?.taskId === undefined ? this.#deps.live?.newest() : undefined,
      })
      const { giveUpAfterMs } = about
      const isKeyed = admission.singleton ?? admission.debounce
      const receipt = await (isKeyed
        ? this.#deps.keyed.submit(admission, { giveUpAfterMs })
        : acceptTask(admission, { ...this.#deps, giveUpAfterMs }))
      const { taskId: task, tenant, type } = admission.accepted
      if (!(receipt.duplicate || receipt.existing || receipt.merged))
        metrics.counter('tasks_submitted_total').labels(type).inc()
      const { log } = this.#deps
      if (log.debugs)
        log.debug(
          { ...traceFields(span.ofTask), task, type, tenant, duplicate: receipt.duplicate },
          'a task was accepted',
        )
      // A duplicate goes on as the task that was there before, in the trace of that.
      span.end(type)
      return receipt
    } catch (error) {
      span.end(about.type, error)
      if (error instanceof MurmurError) error.traceId = traceFields(span.ofTask).trace_id
      throw error
    }
  }

  /** Publishes that a submission of the durable queue was refused. */
  async reject(
    type: string,
    problem: Problem,
    about: { seq?: number; messageId: string | undefined },
  ): Promise<void> {
    await this.#record(about, { status: 'rejected', error: problem })
    this.#deps.metrics.counter('murmur_rejected_total').labels(problem.code).inc()
    // A server takes a subject whose last token is a wildcard, and nobody could be told on such a one.
    const subject = SUBJECTS.rejected(TOKEN_PATTERN.test(type) ? type : NO_TYPE)
    this.#deps.bus.publishCore(subject, JSON.stringify({ problem, ...about }))
  }

  /** Never rejects: an outcome that is lost is only an answer less. */
  async #record(
    name: { seq?: number; messageId: string | undefined },
    outcome: SubmissionOutcome,
  ): Promise<void> {
    try {
      await this.#deps.outcomes.record(DEFAULT_TENANT, name, outcome, this.#deps.clock.nowMs())
    } catch (error) {
      this.#deps.log.warn(
        { reason: messageOf(error), ...name },
        'the outcome of a submission was not recorded',
      )
    }
  }
}
