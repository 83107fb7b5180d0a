import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf, toProblem } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { type ScheduleState, SKIP_REASONS } from '#schemas/schedule.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import {
  decideSchedule,
  type ScheduleCommand,
  type ScheduleDecision,
  type ScheduleEvent,
} from '#workflow/schedule/decide-schedule.ts'
import { jitterOf, nextDueMs } from '#workflow/schedule/due-occurrences.ts'
import { submissionOf } from '#workflow/schedule/scheduled-task.ts'
import { keyedTaskId } from '../intake/admit.ts'
import { DueWork } from '../partition/due-work.ts'
import { fixedPartitions, type LivePartitions } from '../partition-epochs/live-partitions.ts'
import { endedRuns, type RunOutcomesDeps } from './run-outcomes.ts'
import { isLive, keyOf, type LiveEntry, type ScheduleStore, type StoredEntry } from './schedule-store.ts'

export interface ScheduleRunnerDeps extends RunOutcomesDeps {
  schedules: ScheduleStore
  /** The broker's: no machine's clock decides when something runs. */
  clock: Clock
  owns: (partition: number) => boolean
  /** Undefined: those that the log was made with. */
  live?: Pick<LivePartitions, 'ofName'> | undefined
  /** Takes a submission in as if its tenant had sent it. @throws MurmurError what it is refused for */
  accept: (tenant: string, submission: Submission) => Promise<SubmissionReceipt>
  /** @throws MurmurError TASK_NOT_FOUND, TASK_ALREADY_FINISHED, UNAVAILABLE */
  cancel: (tenant: string, request: { taskId: string; reason: string }) => Promise<unknown>
  metrics: Metrics
  log: Log
}

/** How late a run is at most for want of a look: an even share of what a schedule of one second has. */
const TICK_MS = 200
/** Schedules that are worked on at the same time; the others have their turn with the next ticks. */
const MAX_BUSY = 200
/** What waits for the end of a task, or for room, is looked at again after this. */
const AGAIN_MS = 500
const TOMBSTONE_MS = 3_600_000
const NONE: ReadonlySet<string> = new Set()

/**
 * Runs schedules: each by the orchestrator that has its partition. What is decided is written into the stream before it is done, so
 * whoever has the partition next goes on with it; that two may think that they have it does no harm.
 */
export class ScheduleRunner implements Component {
  readonly name = 'schedule runner'
  readonly #deps: ScheduleRunnerDeps
  readonly #due = new WeakMap<ScheduleState, { atMs: number | undefined }>()
  readonly #loop: DueWork<StoredEntry>

  constructor(deps: ScheduleRunnerDeps) {
    this.#deps = deps
    const live = deps.live ?? fixedPartitions(deps.partitions)
    this.#loop = new DueWork(deps, {
      name: this.name,
      tickMs: TICK_MS,
      maxBusy: MAX_BUSY,
      items: () => this.#entries(),
      isDue: (entry, nowMs) => deps.owns(live.ofName(keyOf(entry.stored))) && this.#isDue(entry, nowMs),
      work: (entry) => this.#attempt(entry),
    })
  }

  start(): void {
    this.#loop.start()
  }

  /** Nothing more is begun; what is under way is finished. */
  quiesce(): Promise<void> {
    return this.#loop.quiesce()
  }

  *#entries(): Iterable<readonly [string, StoredEntry]> {
    for (const entry of this.#deps.schedules.entries()) yield [keyOf(entry.stored), entry]
  }

  #isDue(entry: StoredEntry, nowMs: number): boolean {
    if ('deletedAtMs' in entry.stored) return entry.stored.deletedAtMs + TOMBSTONE_MS < nowMs
    const state = entry.stored
    if (state.pending.length > 0 || state.queuedAtMs !== undefined) return true
    const due = this.#due.get(state) ?? { atMs: this.#nextDueMs(state) }
    this.#due.set(state, due)
    return due.atMs !== undefined && due.atMs <= nowMs
  }

  #nextDueMs(state: ScheduleState): number | undefined {
    try {
      return nextDueMs(state)
    } catch (error) {
      // Its zone has left the database of this machine: it is not run here, and the others are.
      const { tenant, name } = state
      this.#deps.log.error({ reason: messageOf(error), tenant, schedule: name }, 'a schedule can not be read')
      return undefined
    }
  }

  /** Never rejects: it is tried again. */
  async #attempt(entry: StoredEntry): Promise<void> {
    try {
      if (isLive(entry)) await this.#work(entry)
      else await this.#deps.schedules.forget(entry)
    } catch (error) {
      const { tenant, name } = entry.stored
      this.#deps.log.warn({ reason: messageOf(error), tenant, schedule: name }, 'a schedule is tried again')
      this.#again(entry)
    }
  }

  async #work({ stored: before, seq }: LiveEntry): Promise<void> {
    const { clock } = this.#deps
    const asks = before.definition.overlap !== 'allow' && before.running.length > 0
    const ended = asks ? await endedRuns(before.running, this.#deps) : NONE
    const decision = decideSchedule(before, { kind: 'tick', nowMs: clock.nowMs(), ended })
    const decidedSeq = await this.#write(before, decision.state, seq)
    if (decidedSeq === undefined) return
    const { state: after, events } = await this.#carryOut(decision)
    // Where somebody else was first, what is pending stands in what he has written, too: the next tick goes on with it.
    if ((await this.#write(decision.state, after, decidedSeq)) === undefined) return
    for (const event of events) this.#tell(after, event)
    if (after.pending.length > 0 || after.queuedAtMs !== undefined) this.#again({ stored: after })
  }

  /** @returns its place; undefined where somebody else was first */
  async #write(before: ScheduleState, after: ScheduleState, seq: number): Promise<number | undefined> {
    if (after === before) return seq
    const written = await this.#deps.schedules.write(after, seq)
    if (written === undefined) return undefined
    const skipped = this.#deps.metrics.counter('murmur_schedule_skipped_total')
    for (const why of SKIP_REASONS) skipped.labels(why).inc(after.counts[why] - before.counts[why])
    return written
  }

  async #carryOut(
    decision: ScheduleDecision,
  ): Promise<{ state: ScheduleState; events: readonly ScheduleEvent[] }> {
    const done = await Promise.all(decision.commands.map((command) => this.#execute(decision.state, command)))
    const events = done.filter((event) => event !== undefined)
    const state = events.reduce((before, event) => decideSchedule(before, event).state, decision.state)
    return { state, events }
  }

  #execute(state: ScheduleState, command: ScheduleCommand): Promise<ScheduleEvent | undefined> {
    if (command.kind === 'start') return startRun(state, command.start, this.#deps)
    return this.#cancel(state, command.taskId)
  }

  async #cancel({ tenant, name }: ScheduleState, taskId: string): Promise<undefined> {
    const { cancel, log } = this.#deps
    try {
      await cancel(tenant, { taskId, reason: `schedule "${name}" has its next run` })
    } catch (error) {
      const code = error instanceof MurmurError ? error.code : 'INTERNAL'
      if (code === 'TASK_ALREADY_FINISHED' || code === 'TASK_NOT_FOUND') return
      log.warn({ reason: messageOf(error), tenant, schedule: name, taskId }, 'a run was not cancelled')
    }
  }

  #tell(state: ScheduleState, event: ScheduleEvent): void {
    const { metrics, log } = this.#deps
    const { tenant, name } = state
    if (event.kind === 'started') {
      const { scheduledAtMs, requestId } = event.start
      metrics.counter('murmur_schedule_started_total').labels().inc()
      if (requestId === undefined)
        metrics
          .histogram('murmur_schedule_late_seconds')
          .labels()
          .observe(Math.max(0, event.nowMs - scheduledAtMs - jitterOf(state)) / 1000)
    } else if (event.kind === 'refused' && !state.pending.includes(event.start))
      log.warn({ tenant, schedule: name, problem: event.problem }, 'a run of a schedule was refused')
  }

  #again({ stored }: Pick<StoredEntry, 'stored'>): void {
    this.#loop.again(keyOf(stored), AGAIN_MS)
  }
}

type EventOf<Kind extends ScheduleEvent['kind']> = Extract<ScheduleEvent, { kind: Kind }>
/** `duplicate`: it was a task before. */
export type StartOutcome = (EventOf<'started'> & { duplicate: boolean }) | EventOf<'refused'>

/** Submits a run. Never rejects: what it is refused for is an event. */
export async function startRun(
  state: ScheduleState,
  start: Extract<ScheduleCommand, { kind: 'start' }>['start'],
  { accept, clock, log }: Pick<ScheduleRunnerDeps, 'accept' | 'clock' | 'log'>,
): Promise<StartOutcome> {
  const { tenant, name } = state
  const submission = submissionOf(state, start)
  try {
    const receipt = await accept(tenant, submission)
    return { kind: 'started', nowMs: clock.nowMs(), start, ...receipt }
  } catch (error) {
    if (!(error instanceof MurmurError))
      log.error({ err: error, tenant, schedule: name }, 'a run of a schedule could not be submitted')
    const problem = toProblem(error)
    const nowMs = clock.nowMs()
    // It is a task already: of the definition that the schedule had then, or triggered at another time under the same id.
    if (problem.code === 'IDEMPOTENCY_CONFLICT') {
      const { taskId = keyedTaskId(tenant, submission.idempotencyKey) } = problem
      return { kind: 'started', nowMs, start, taskId, duplicate: true }
    }
    return {
      kind: 'refused',
      nowMs,
      start,
      problem,
      mayPass: problem.status === 429 || problem.status >= 500,
    }
  }
}
