import type { LogEvent, LogKind } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import type { Command } from '#workflow/decide/commands.ts'

/** One event of the log, and what the orchestration makes of it. */
export interface Moment {
  readonly index: number
  readonly event: LogEvent
  /** The task after it; undefined: there was none yet. */
  readonly state: TaskState | undefined
  /** What changed, each with why. */
  readonly changes: readonly Change[]
}

export interface Change {
  /** The step, or the run of one; undefined: the task. */
  readonly stepId: string | undefined
  readonly from: string | undefined
  readonly to: string
  readonly why: string
}

const SAID: Readonly<Record<LogKind, string>> = {
  accepted: 'it was accepted',
  started: 'an agent began it',
  released: 'the agent handed it back: it stops',
  result: 'its result came',
  control: 'somebody asked for it',
  timer: 'its time had come',
}

/** What an event has changed, and why. Pure. */
export function changesOf(
  before: TaskState | undefined,
  after: TaskState | undefined,
  event: LogEvent,
  commands: readonly Command[],
): Change[] {
  const late = commands.find((command) => command.kind === 'RecordLate')
  if (late?.kind === 'RecordLate')
    return [
      {
        stepId: stepOf(event),
        from: undefined,
        to: 'no change',
        why: `it counted for nothing: ${late.reason.replaceAll('-', ' ')}`,
      },
    ]
  if (!after) return []
  const changes: Change[] = []
  if (before?.status !== after.status)
    changes.push({ stepId: undefined, from: before?.status, to: after.status, why: whyTask(after, event) })
  for (const [id, step] of Object.entries(after.steps)) {
    const was = before?.steps[id]
    const isSame =
      was?.status === step.status &&
      was.attempt === step.attempt &&
      was.escalations === step.escalations &&
      was.handedOn?.length === step.handedOn?.length &&
      was.items?.completed === step.items?.completed &&
      was.run?.instance === step.run?.instance
    if (isSame || (!was && step.status === 'waiting')) continue
    const to = step.items
      ? `${step.status} ${step.items.completed + step.items.failed}/${step.items.total}`
      : step.status
    changes.push({ stepId: id, from: was?.status, to, why: whyStep(id, after, event) })
  }
  return changes
}

function whyTask(after: TaskState, event: LogEvent): string {
  if (after.error)
    return `${after.error.stepId ? `step ${after.error.stepId} ended with ` : ''}${after.error.code}`
  if (after.status === 'completed') return 'all its steps are done'
  if (event.kind === 'control')
    return `asked for: ${event.body.action}${'reason' in event.body && event.body.reason ? `, “${event.body.reason}”` : ''}`
  return SAID[event.kind]
}

function whyStep(stepId: string, after: TaskState, event: LogEvent): string {
  const step = after.plan.steps.find(({ id }) => id === stepId)
  const state = after.steps[stepId]!
  const own = stepOf(event)
  if (own === stepId || own?.startsWith(`${stepId}.`)) {
    if (event.kind === 'result') {
      const { outcome } = event.body
      const error = 'error' in outcome ? outcome.error : undefined
      if (state.status === 'backoff')
        return `attempt ${event.body.attempt} failed with ${error?.code ?? 'an error'}, and may be tried again`
      if (state.status === 'failed')
        return `attempt ${event.body.attempt} failed with ${error?.code ?? 'an error'}, and no attempt is left`
      return `attempt ${event.body.attempt} ended on ${event.body.instance}`
    }
    if (event.kind === 'started') return `${event.body.instance} has begun attempt ${event.body.attempt}`
    if (event.kind === 'control' && event.body.action === 'hand-on') {
      const { to, by, reason } = event.body
      return `handed on to ${to.join(', ')} by ${by}${reason ? `: ${reason}` : ''}`
    }
    return SAID[event.kind]
  }
  if (state.status === 'skipped')
    return step?.when
      ? `its condition does not hold: ${step.when}`
      : 'what it needs was skipped, or the task ended'
  if (state.status === 'cancelled') return 'the task ended over it'
  if (event.kind === 'timer')
    return state.status === 'dispatched'
      ? 'the time until its next attempt is over'
      : state.status === 'completed'
        ? 'it has slept or waited long enough'
        : state.status === 'awaiting-approval'
          ? 'nobody has decided: others are asked, too'
          : SAID.timer
  if (event.kind === 'control') return `asked for: ${event.body.action}`
  const needs = step?.needs ?? []
  return needs.length === 0 ? 'it needs nothing before it' : `all that it needs is there: ${needs.join(', ')}`
}

function stepOf(event: LogEvent): string | undefined {
  return 'stepId' in event.body ? event.body.stepId : undefined
}
