import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type ScheduleDefinition, type ScheduleState, scheduleDefinitionSchema } from '#schemas/schedule.ts'
import { isTerminal } from '#schemas/task.ts'
import { decideSchedule, newSchedule, type ScheduleEvent } from '#workflow/schedule/decide-schedule.ts'
import { nextDueMs } from '#workflow/schedule/due-occurrences.ts'
import { nextRuns } from '#workflow/schedule/occurrences.ts'
import { submissionOf } from '#workflow/schedule/scheduled-task.ts'
import type { MemoryTasks } from './memory-tasks.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** A schedule as it is put. */
export type TestSchedule = Pick<ScheduleDefinition, 'submission'> & {
  [Field in keyof ScheduleDefinition]?: unknown
}

/** Schedules in memory, by the decisions of an orchestrator: they start tasks as time passes. */
export class MemorySchedules {
  readonly #deps: { tasks: MemoryTasks; clock: VirtualClock; tenant: string }
  readonly #states = new Map<string, ScheduleState>()

  constructor(deps: { tasks: MemoryTasks; clock: VirtualClock; tenant: string }) {
    this.#deps = deps
  }

  /** Makes a schedule, or changes it. @throws MurmurError INVALID_REQUEST, INVALID_SCHEDULE */
  put(name: string, schedule: TestSchedule): void {
    const parsed = scheduleDefinitionSchema.safeParse(schedule)
    if (!parsed.success)
      throw new MurmurError('INVALID_REQUEST', parsed.error.issues.map(({ message }) => message).join('; '))
    const nowMs = this.#deps.clock.nowMs()
    nextRuns(parsed.data, nowMs, 1)
    const known = this.#states.get(name)
    if (known) this.#apply(known, { kind: 'define', nowMs, definition: parsed.data })
    else this.#states.set(name, newSchedule({ tenant: this.#deps.tenant, name }, parsed.data, nowMs))
  }

  /** @throws MurmurError SCHEDULE_NOT_FOUND */
  find(name: string): ScheduleState {
    const state = this.#states.get(name)
    if (state) return state
    throw new MurmurError('SCHEDULE_NOT_FOUND', `there is no schedule "${name}" in this test environment`)
  }

  pause(name: string): void {
    this.#apply(this.find(name), { kind: 'pause', nowMs: this.#deps.clock.nowMs() })
  }

  resume(name: string): void {
    this.#apply(this.find(name), { kind: 'resume', nowMs: this.#deps.clock.nowMs() })
  }

  /** Lets time pass until a moment (Unix ms), with what schedules start on the way. @throws as MemoryTasks.advanceTo */
  async advanceTo(untilMs: number): Promise<void> {
    const { tasks } = this.#deps
    if (this.#states.size === 0) return tasks.advanceTo(untilMs)
    for (let nextMs = this.#nextMs(); nextMs <= untilMs; nextMs = this.#nextMs()) {
      await tasks.advanceTo(nextMs)
      await this.#tick()
    }
    await tasks.advanceTo(untilMs)
    await this.#tick()
  }

  /** A queued run begins when what runs has ended, which may be at any step of time. */
  #nextMs(): number {
    const states = [...this.#states.values()]
    const due = states.map((state) => nextDueMs(state) ?? Number.POSITIVE_INFINITY)
    const isQueued = states.some(({ queuedAtMs }) => queuedAtMs !== undefined)
    return Math.min(...due, isQueued ? this.#deps.tasks.nextMs : Number.POSITIVE_INFINITY)
  }

  async #tick(): Promise<void> {
    const { tasks, clock } = this.#deps
    for (const state of this.#states.values()) {
      const over = state.running.filter(({ taskId }) => isTerminal(tasks.find(taskId).status))
      const ended = new Set(over.map(({ taskId }) => taskId))
      this.#apply(state, { kind: 'tick', nowMs: clock.nowMs(), ended })
    }
    await tasks.settle()
  }

  #apply(before: ScheduleState, event: ScheduleEvent): void {
    const { tasks } = this.#deps
    const { state, commands } = decideSchedule(before, event)
    this.#states.set(state.name, state)
    const nowMs = this.#deps.clock.nowMs()
    for (const command of commands) {
      if (command.kind === 'cancel') {
        tasks.control({ v: 1, taskId: command.taskId, action: 'cancel', reason: `schedule "${state.name}"` })
        continue
      }
      const { start } = command
      const current = this.#states.get(state.name)!
      this.#states.set(state.name, decideSchedule(current, this.#start(current, start, nowMs)).state)
    }
  }

  #start(state: ScheduleState, start: ScheduleState['pending'][number], nowMs: number): ScheduleEvent {
    try {
      return { kind: 'started', nowMs, start, taskId: this.#deps.tasks.accept(submissionOf(state, start)) }
    } catch (error) {
      if (!(error instanceof MurmurError)) throw error
      return { kind: 'refused', nowMs, start, problem: error.toProblem(), mayPass: false }
    }
  }
}
