import type { Step } from '#schemas/plan.ts'
import type { StepState, TaskState } from '#schemas/task.ts'
import { count, formatDuration, progressBar } from '../output/quantities.ts'
import type { StepProgress } from './task-view.ts'

/** A list, a loop or a fallback as one line: how far it is. Pure. */
export function severalRunsText(
  { forEach, repeat, fallback }: Step,
  { items, iteration, runs, fellBack }: StepState,
  progress?: StepProgress,
): string {
  if (fellBack) return `its fallback ${fallback?.agent ?? ''} runs`
  if (forEach && progress && progress.note !== '') return `${bar(progress.fraction)} ${progress.note}`
  if (items) {
    const over = items.completed + items.failed
    const lost = items.failed > 0 ? `, ${items.failed} failed` : ''
    const open = Object.keys(runs ?? {}).length
    const out = open > 0 ? `, ${open} out` : ''
    return `${bar(items.total === 0 ? 1 : over / items.total)} ${over} of ${count(items.total, 'item')}${lost}${out}`
  }
  if (repeat) {
    if (progress && progress.note !== '') return progress.note
    return `iteration ${iteration ?? 1} of at most ${repeat.maxIterations}`
  }
  return progress?.note || 'running'
}

function bar(fraction: number): string {
  return `${progressBar(fraction)} ${`${Math.round(fraction * 100)} %`.padStart(5)}`
}

/** What a step waits for that runs nothing, and for how long yet. Pure. */
export function waitingText(step: Step, { wakeAtMs }: StepState, nowMs: number): string {
  const left = wakeAtMs === undefined ? '' : formatDuration(wakeAtMs - nowMs)
  if (step.waitFor)
    return `awaits signal ${step.waitFor.signal}${left === '' ? '' : `, for another ${left} at most`}`
  if (step.approval) {
    const { title, assignees = [] } = step.approval
    return `awaits approval: ${title}${assignees.length === 0 ? '' : ` (${assignees.join(', ')})`}`
  }
  return wakeAtMs === undefined
    ? 'sleeps'
    : `sleeps until ${new Date(wakeAtMs).toISOString()}, another ${left}`
}

/** How a step came to its output, and whether it was undone. Pure. */
export function doneText(state: StepState, { retryOf }: Pick<TaskState, 'retryOf'>): string {
  const { attempt, items, iteration, viaFallback, compensated, compensationError: error } = state
  const undone = { completed: ', undone', failed: `, not undone: ${error?.code ?? 'failed'}` } as const
  return `${howDone()}${compensated === undefined ? '' : undone[compensated]}`

  function howDone(): string {
    if (viaFallback) return 'done by its fallback'
    if (items)
      return `done, ${count(items.total, 'item')}${items.failed > 0 ? `, ${items.failed} failed` : ''}`
    if (iteration !== undefined) return `done after ${count(iteration, 'iteration')}`
    if (retryOf !== undefined && attempt === 0 && state.waitingSinceMs === undefined)
      return `kept from ${retryOf}`
    return attempt > 1 ? `done at attempt ${attempt}` : 'done'
  }
}
