import { randomUUID } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Serving } from '#platform/nats/bus.ts'
import type { SourceSealer } from '#platform/secrets/source-sealing.ts'
import { LIMITS } from '#schemas/limits.ts'
import {
  type ListSchedulesRequest,
  type ListSchedulesResponse,
  type PutScheduleRequest,
  type Schedule,
  type ScheduleDefinition,
  type ScheduleRun,
  type ScheduleState,
  scheduleDefinitionSchema,
  type TriggerScheduleRequest,
} from '#schemas/schedule.ts'
import type { Submission, SubmissionReceipt } from '#schemas/submission.ts'
import { invalid } from '#workflow/schedule/cron.ts'
import { decideSchedule, newSchedule, type ScheduleEvent } from '#workflow/schedule/decide-schedule.ts'
import { nextRuns, occurrencesOf } from '#workflow/schedule/occurrences.ts'
import { SCHEDULE_LABELS, submissionOf } from '#workflow/schedule/scheduled-task.ts'
import { endedRuns } from './run-outcomes.ts'
import { type ScheduleRunnerDeps, startRun } from './schedule-runner.ts'
import { notFound } from './schedule-store.ts'
import { scheduleSummary, scheduleView } from './schedule-view.ts'

export interface ScheduleApiDeps
  extends Pick<ScheduleRunnerDeps, 'schedules' | 'clock' | 'store' | 'partitions' | 'accept' | 'log'> {
  bus: Serving & ScheduleRunnerDeps['bus']
  /** @throws MurmurError what a submission would be refused for */
  check: (tenant: string, submission: Submission) => Promise<void>
  /** Takes users and passwords out of addresses of video, before they are kept. */
  sources: SourceSealer
}

/** Labels that a task has of its schedule. */
const OWN_LABELS = Object.keys(SCHEDULE_LABELS).length

/** What clients ask about their schedules; answered by any orchestrator. */
export class ScheduleApi implements Component {
  readonly name = 'schedule services'
  readonly #deps: ScheduleApiDeps
  #ends: (() => void)[] = []

  constructor(deps: ScheduleApiDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, clock, schedules } = this.#deps
    this.#ends = [
      bus.serve('putSchedule', (request, { tenant }) => this.#put(tenant, request)),
      bus.serve('getSchedule', async ({ name }, { tenant }) => ({
        schedule: await this.#view(await schedules.get(tenant, name)),
      })),
      bus.serve('listSchedules', (request, { tenant }) => this.#list(tenant, request)),
      bus.serve('deleteSchedule', ({ name }, { tenant }) => this.#delete(tenant, name)),
      bus.serve('pauseSchedule', ({ name, reason }, { tenant }) =>
        this.#apply(tenant, name, { kind: 'pause', nowMs: clock.nowMs(), reason }),
      ),
      bus.serve('resumeSchedule', ({ name }, { tenant }) =>
        this.#apply(tenant, name, { kind: 'resume', nowMs: clock.nowMs() }),
      ),
      bus.serve('triggerSchedule', (request, { tenant }) => this.#trigger(tenant, request)),
      bus.serve('previewSchedule', ({ fromMs, count, ...timetable }) => ({
        nextRuns: nextRuns(timetable, fromMs ?? clock.nowMs(), count),
      })),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async #put(
    tenant: string,
    { name, paused, reason, ...rest }: PutScheduleRequest,
  ): Promise<{ schedule: Schedule; created: boolean }> {
    const { schedules, clock } = this.#deps
    const definition = this.#deps.sources.sealIn(tenant, scheduleDefinitionSchema.parse(rest))
    await this.#check(tenant, name, definition)
    let created = false
    const state = await schedules.change(tenant, name, (before) => {
      const nowMs = clock.nowMs()
      created = before === undefined
      if (created) this.#assertRoom(tenant)
      const defined = before
        ? decideSchedule(before, { kind: 'define', nowMs, definition }).state
        : newSchedule({ tenant, name }, definition, nowMs)
      if (paused === undefined) return defined
      const event: ScheduleEvent = paused ? { kind: 'pause', nowMs, reason } : { kind: 'resume', nowMs }
      return decideSchedule(defined, event).state
    })
    return { schedule: await this.#view(state), created }
  }

  /** @throws MurmurError INVALID_SCHEDULE, PAYLOAD_TOO_LARGE, and what its submission would be refused for */
  async #check(tenant: string, name: string, definition: ScheduleDefinition): Promise<void> {
    const nowMs = this.#deps.clock.nowMs()
    const bytes = Buffer.byteLength(JSON.stringify(definition))
    if (bytes > LIMITS.scheduleBytes)
      throw new MurmurError(
        'PAYLOAD_TOO_LARGE',
        `the schedule has ${bytes} bytes, at most ${LIMITS.scheduleBytes} are kept (scheduleBytes)`,
      )
    if (occurrencesOf(definition).next(nowMs) === undefined)
      throw invalid(definition.endAtMs === undefined ? 'cron' : 'endAtMs', 'it would never run')
    const { labels = {} } = definition.submission
    if (Object.keys(labels).length > LIMITS.labels - OWN_LABELS)
      throw invalid(
        'submission.labels',
        `at most ${LIMITS.labels - OWN_LABELS} labels: its tasks get ${Object.values(SCHEDULE_LABELS).join(' and ')} beside them`,
      )
    const sample = newSchedule({ tenant, name }, definition, nowMs)
    try {
      await this.#deps.check(tenant, submissionOf(sample, { scheduledAtMs: nowMs }))
    } catch (error) {
      throw error instanceof MurmurError ? withinSubmission(error) : error
    }
  }

  /** @throws MurmurError LIMIT_EXCEEDED */
  #assertRoom(tenant: string): void {
    if (this.#deps.schedules.ofTenant(tenant).length < LIMITS.schedulesPerTenant) return
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `a tenant has ${LIMITS.schedulesPerTenant} schedules at most (schedulesPerTenant)`,
    )
  }

  async #list(tenant: string, { limit, cursor }: ListSchedulesRequest): Promise<ListSchedulesResponse> {
    const { schedules, clock } = this.#deps
    await schedules.settled()
    const behind = schedules.ofTenant(tenant).filter(({ name }) => cursor === undefined || name > cursor)
    const page = behind.slice(0, limit)
    const last = page.at(-1)
    return {
      schedules: page.map((state) => scheduleSummary(state, clock.nowMs())),
      ...(last && behind.length > limit && { nextCursor: last.name }),
    }
  }

  async #delete(tenant: string, name: string): Promise<{ name: string; deleted: true }> {
    const { schedules, clock } = this.#deps
    await schedules.change(tenant, name, (before) => {
      if (!before) throw notFound(name)
      return { v: 1, tenant, name, deletedAtMs: clock.nowMs() }
    })
    return { name, deleted: true }
  }

  async #apply(tenant: string, name: string, event: ScheduleEvent): Promise<{ schedule: Schedule }> {
    return { schedule: await this.#view(await this.#decide(tenant, name, event)) }
  }

  #decide(tenant: string, name: string, event: ScheduleEvent): Promise<ScheduleState> {
    return this.#deps.schedules.change(tenant, name, (before) => {
      if (!before) throw notFound(name)
      return decideSchedule(before, event).state
    })
  }

  /** Written down first, like any run: should this end in the middle, its owner starts it. */
  async #trigger(
    tenant: string,
    { name, requestId = randomUUID() }: TriggerScheduleRequest,
  ): Promise<SubmissionReceipt> {
    const { clock } = this.#deps
    const state = await this.#decide(tenant, name, { kind: 'trigger', nowMs: clock.nowMs(), requestId })
    const start = state.pending.find((one) => one.requestId === requestId)
    if (!start) throw new MurmurError('UNAVAILABLE', `schedule "${name}" was changed meanwhile`)
    const event = await startRun(state, start, this.#deps)
    // Whoever is told no is not to find it started later.
    await this.#decide(tenant, name, event.kind === 'refused' ? { ...event, mayPass: false } : event)
    if (event.kind === 'refused') throw MurmurError.fromProblem(event.problem)
    return { taskId: event.taskId, duplicate: event.duplicate }
  }

  async #view(state: ScheduleState): Promise<Schedule> {
    return scheduleView(state, this.#deps.clock.nowMs(), await this.#running(state))
  }

  /** As far as it can be said now. */
  async #running({ running }: ScheduleState): Promise<readonly ScheduleRun[]> {
    try {
      const ended = await endedRuns(running, this.#deps)
      return running.filter(({ taskId }) => !ended.has(taskId))
    } catch {
      // The tasks are read from the log again: what is stored of them was true a moment ago.
      return running
    }
  }
}

/** The same fault, where it stands in the schedule. */
function withinSubmission(error: MurmurError): MurmurError {
  const issues = error.issues?.map(({ path, message }) => ({ path: `submission.${path}`, message }))
  const { code, message, retryAfterMs } = error
  return new MurmurError(code, message, {
    cause: error,
    ...(issues && { issues }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  })
}
