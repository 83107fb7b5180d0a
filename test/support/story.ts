import type { JsonValue } from '#schemas/json.ts'
import { type LogEvent, type StepStarted, type TaskAccepted, taskControlSchema } from '#schemas/log-event.ts'
import type { StepOutcome } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { Command, Decision, KeptItem } from '#workflow/decide/commands.ts'
import { decide } from '#workflow/decide/decide.ts'
import { acceptedTask } from './random-plan.ts'

/** When stories begin: their times are milliseconds from then on. */
export const T0 = 1_790_000_000_000
export const KEEP_MS = 60_000

/** Events of one task, one after the other, each at a time of its own. */
export class Story {
  state: TaskState | undefined
  last: Command[] = []
  /** What was kept of lists, by run id, and what was forgotten with the last event. */
  readonly kept = new Map<string, KeptItem['outcome']>()
  dropped: readonly string[] = []
  #seq = 0

  at(ms: number, about: Pick<LogEvent, 'kind' | 'body'> & { agent?: string; bytes?: number }): Decision {
    const event = { ...about, atMs: T0 + ms, seq: ++this.#seq } as LogEvent
    const decision = decide(this.state, event, { keepFinishedMs: KEEP_MS })
    this.state = decision.state
    this.last = decision.commands
    this.dropped = decision.dropped ?? []
    for (const stepId of this.dropped)
      for (const runId of this.kept.keys()) if (runId.startsWith(`${stepId}.`)) this.kept.delete(runId)
    for (const { stepId, index, outcome } of decision.kept ?? []) this.kept.set(`${stepId}.${index}`, outcome)
    return decision
  }

  accept(about: Partial<TaskAccepted> & Pick<TaskAccepted, 'plan'>, ms = 0): this {
    this.at(ms, { kind: 'accepted', body: acceptedTask(about) })
    return this
  }

  result(ms: number, stepId: string, attempt: number, outcome: StepOutcome): this {
    const ran = { instance: 'x-1', startedAtMs: T0 + ms - 2, finishedAtMs: T0 + ms - 1 }
    this.at(ms, { kind: 'result', body: { v: 1, taskId: 'task-1', stepId, attempt, ...ran, outcome } })
    return this
  }

  done(ms: number, stepId: string, output: JsonValue = null, attempt = 1): this {
    return this.result(ms, stepId, attempt, { kind: 'done', output })
  }

  failed(ms: number, stepId: string, attempt = 1, error = { code: 'BROKE', message: 'it broke' }): this {
    return this.result(ms, stepId, attempt, { kind: 'fail', error })
  }

  /** @param atMs when the broker stored it, if not when it was due */
  timer(ms: number, atMs = ms): this {
    this.at(atMs, { kind: 'timer', body: { v: 1, taskId: 'task-1', dueMs: T0 + ms } })
    return this
  }

  started(ms: number, stepId: string, attempt: number, about: Partial<StepStarted> = {}): this {
    const run = { instance: 'x-1', bornAtMs: T0, alone: false, ...about }
    this.at(ms, { kind: 'started', body: { v: 1, taskId: 'task-1', stepId, attempt, ...run } })
    return this
  }

  released(ms: number, stepId: string, attempt: number, instance = 'x-1'): this {
    this.at(ms, { kind: 'released', body: { v: 1, taskId: 'task-1', stepId, attempt, instance } })
    return this
  }

  cancel(ms: number, reason?: string): this {
    this.at(ms, {
      kind: 'control',
      body: { v: 1, taskId: 'task-1', action: 'cancel', ...(reason && { reason }) },
    })
    return this
  }

  pause(ms: number, reason?: string): this {
    return this.#control(ms, { action: 'pause', ...(reason !== undefined && { reason }) })
  }

  resume(ms: number): this {
    return this.#control(ms, { action: 'resume' })
  }

  signal(ms: number, name: string, id: string, payload?: JsonValue): this {
    return this.#control(ms, { action: 'signal', name, id, ...(payload !== undefined && { payload }) })
  }

  answer(
    ms: number,
    stepId: string,
    about: { decision?: 'approved' | 'rejected' } & Record<string, unknown> = {},
  ): this {
    const known = { attempt: 1, decision: 'approved', by: 'kim' }
    return this.#control(ms, { action: 'approval', stepId, ...known, ...about })
  }

  handOn(ms: number, stepId: string, about: { to: string[] } & Record<string, unknown>): this {
    return this.#control(ms, { action: 'hand-on', stepId, attempt: 1, by: 'kim', keep: false, ...about })
  }

  #control(ms: number, body: Record<string, unknown>): this {
    this.at(ms, { kind: 'control', body: taskControlSchema.parse({ v: 2, taskId: 'task-1', ...body }) })
    return this
  }

  get dispatched(): string[] {
    return this.last.flatMap((c) => (c.kind === 'DispatchStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  /** Children that were started, and values that were asked for. */
  get begun(): string[] {
    return this.last.flatMap((c) =>
      c.kind === 'StartChild' || c.kind === 'Evaluate' ? [`${c.kind} ${c.stepId}:${c.attempt}`] : [],
    )
  }

  get retracted(): string[] {
    return this.last.flatMap((c) => (c.kind === 'RetractStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  get buried(): string[] {
    return this.last.flatMap((c) => (c.kind === 'BuryStep' ? [`${c.stepId}:${c.attempt}`] : []))
  }

  get announced(): string[] {
    return this.last.flatMap((c) => (c.kind === 'AnnounceEvent' ? [c.event.kind] : []))
  }

  /** Notes of what was announced. */
  get notes(): string[] {
    return this.last.flatMap((c) => (c.kind === 'AnnounceEvent' && c.event.note ? [c.event.note] : []))
  }

  get late(): string[] {
    return this.last.flatMap((c) => (c.kind === 'RecordLate' ? [c.reason] : []))
  }
}
