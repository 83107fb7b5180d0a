import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type HeldAnswers, heldBy } from '#platform/nats/held-answers.ts'
import { activeAsking } from '#platform/requests/asking.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import type { GetSubmissionRequest, SubmissionOutcome } from '#schemas/submission.ts'
import { INTAKE_CONSUMER, STREAMS } from '#subjects/streams.ts'
import { partitionOf, SUBJECTS } from '#subjects/subjects.ts'
import { intakeIdentity, taskIdFor } from '../intake/admit.ts'
import type { SubmissionOutcomes } from '../intake/submission-outcomes.ts'
import { assertLevel, refuseUnreadable, unavailableNow } from '../partition/assert-level.ts'
import { FoldWaits } from '../partition/fold-waits.ts'
import type { PartitionStore } from '../partition/partition-store.ts'
import type { LivePartitions } from '../partition-epochs/live-partitions.ts'

export interface SubmissionApiDeps {
  bus: Bus
  store: Pick<PartitionStore, 'readTasks' | 'position'>
  outcomes: SubmissionOutcomes
  partitions: number
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'elsewhere'> | undefined
  clock: Clock
  /** Undefined: what nobody can say now is answered so at once. */
  held?: HeldAnswers | undefined
  /** Shared with others who wait for the same partitions. */
  folds?: FoldWaits | undefined
}

const { stream: INTAKE } = INTAKE_CONSUMER
/** Between the queue and the state there are some milliseconds of nowhere. */
const ON_THE_WAY_MS = 300
const POLL_INTERVAL_MS = 30
/** Messages of the queue that are searched for a message id: nothing else finds them by it. */
const MAX_SCANNED = 200

/** Answers what became of submissions that were published without a request. */
export class SubmissionApi implements Component {
  readonly name = 'submission services'
  readonly #deps: SubmissionApiDeps
  readonly #folds: FoldWaits
  #end: () => void = () => {}

  constructor(deps: SubmissionApiDeps) {
    this.#deps = deps
    this.#folds = deps.folds ?? new FoldWaits(deps)
  }

  start(): void {
    const serve = heldBy(this.#deps.held, this.#deps.bus)
    this.#end = serve('getSubmission', (request, { tenant }) => this.#get(tenant, request))
  }

  quiesce(): void {
    this.#end()
  }

  async #get(tenant: string, request: GetSubmissionRequest): Promise<SubmissionOutcome> {
    const { clock } = this.#deps
    const untilMs = clock.monotonicMs() + ON_THE_WAY_MS
    for (let isFolded = false; ; ) {
      const outcome = await this.#find(tenant, request)
      if (outcome) return outcome
      if (isFolded) throw notFound(request)
      if (clock.monotonicMs() > untilMs) {
        // What is in the log and not folded, as while a partition has no owner, is not unknown: nobody can say.
        if (!(await this.#untilFolded(tenant, request)))
          throw unavailableNow(
            'not all that happened to tasks is known yet, as while a partition has no owner',
          )
        isFolded = true
        continue
      }
      await clock.sleep(POLL_INTERVAL_MS)
    }
  }

  async #find(tenant: string, request: GetSubmissionRequest): Promise<SubmissionOutcome | undefined> {
    const { outcomes } = this.#deps
    // A message id may come again, rejected once and accepted then or the other way round: what there is a task of, is accepted.
    const first = request.seq === undefined ? await this.#accepted(tenant, request) : undefined
    return (
      first ??
      (await outcomes.find(tenant, request)) ??
      (await this.#accepted(tenant, request)) ??
      (await this.#waiting(tenant, request))
    )
  }

  /** The names that its task may have are made from what names the submission. */
  async #idsOf(tenant: string, request: GetSubmissionRequest): Promise<string[]> {
    const { bus, live } = this.#deps
    const named = taskIdFor(tenant, intakeIdentity(request, await bus.streams.createdAt(INTAKE)))
    return [named, ...(live?.elsewhere(named) ?? [])]
  }

  async #accepted(tenant: string, request: GetSubmissionRequest): Promise<SubmissionOutcome | undefined> {
    const ids = await this.#idsOf(tenant, request)
    const found = await Promise.all(ids.map((taskId) => this.#isThere(taskId)))
    const taskId = ids.find((_, i) => found[i])
    return taskId === undefined ? undefined : { status: 'accepted', taskId }
  }

  /** Waits until all that the log has by now of where its task may be is folded, as long as whoever asks waits. @returns whether it is */
  async #untilFolded(tenant: string, request: GetSubmissionRequest): Promise<boolean> {
    const { bus, partitions, clock } = this.#deps
    const nowMs = clock.monotonicMs()
    const untilMs = Math.max(nowMs + ON_THE_WAY_MS, (activeAsking()?.holdUntilMs ?? 0) - ON_THE_WAY_MS)
    const ids = await this.#idsOf(tenant, request)
    const all = ids.map(async (taskId) => {
      const partition = partitionOf(taskId, partitions)
      const lastSeq = await bus.streams.lastLogSeq(STREAMS.log.name, partition)
      return this.#folds.reached(partition, lastSeq, untilMs)
    })
    return (await Promise.all(all)).every(Boolean)
  }

  async #isThere(taskId: string): Promise<boolean> {
    const { store, partitions } = this.#deps
    const partition = partitionOf(taskId, partitions)
    const [, [task]] = await Promise.all([
      assertLevel(store, partition),
      store.readTasks(partition, [taskId], refuseUnreadable),
    ])
    return task !== undefined
  }

  /** What is in the queue came without a tenant of its own. */
  async #waiting(tenant: string, request: GetSubmissionRequest): Promise<SubmissionOutcome | undefined> {
    if (tenant !== DEFAULT_TENANT) return undefined
    const { bus } = this.#deps
    if (request.seq !== undefined)
      return (await bus.streams.messageAt(INTAKE, request.seq)) && { status: 'waiting' }
    let fromSeq = 1
    for (let scanned = 0; scanned < MAX_SCANNED; scanned++) {
      const message = await bus.streams.nextMessage(INTAKE, SUBJECTS.submitAll, fromSeq)
      if (!message) return undefined
      if (message.header('Nats-Msg-Id') === request.messageId) return { status: 'waiting' }
      fromSeq = message.seq + 1
    }
    throw new MurmurError(
      'OVERLOADED',
      `it is not among the first ${MAX_SCANNED} of the queue; ask by its seq, or later`,
      { retryAfterMs: 1000 },
    )
  }
}

function notFound({ messageId, seq }: GetSubmissionRequest): MurmurError {
  const name = seq === undefined ? `the message id "${messageId}"` : `the sequence number ${seq}`
  return new MurmurError('NOT_FOUND', `nothing is known of a submission with ${name}`)
}
