import type { StepState, TaskState } from '#schemas/task.ts'
import { isTerminal } from '#schemas/task.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'
import { runsOf } from '#workflow/decide/find-run.ts'
import { bodyOfRun } from '#workflow/decide/run-body.ts'
import { dueOf } from '#workflow/decide/step-timing.ts'

/**
 * When a task goes on by itself, its deadline left aside: a delayed start, a sleep, a time-out, a retry. Unix ms; undefined: somebody has to
 * do something. Pure.
 */
export function goesOnAtMs(state: TaskState): number | undefined {
  if (isTerminal(state.status)) return undefined
  if (state.status === 'scheduled') return state.startAtMs
  let next: number | undefined
  for (const [, run] of runsOf(state)) {
    const due = dueOf(run, Number.POSITIVE_INFINITY)
    // Attempts do not wait in queues here, and nothing begins while the task is paused.
    if (!due || due.what === 'queue-time' || (state.status === 'paused' && due.what !== 'run-time')) continue
    next = Math.min(next ?? due.atMs, due.atMs)
  }
  return next
}

/** What a task waits for that no time brings, each with what to do: sentences for people. Pure but for `childOf`. */
export function waitsFor(state: TaskState, childOf: (childId: string) => TaskState | undefined): string[] {
  if (isTerminal(state.status)) return []
  const { id } = state
  if (state.status === 'paused') return [`it is paused: go on with env.resume("${id}")`]
  return runsOf(state).flatMap(([runId, run]) => {
    const approval = state.plan.steps.find((step) => step.id === runId)?.approval
    const waitFor = state.plan.steps.find((step) => step.id === runId)?.waitFor
    if (run.status === 'awaiting-signal' && waitFor)
      return [
        `step "${runId}" awaits signal "${waitFor.signal}": send it with env.signal("${id}", "${waitFor.signal}", payload)`,
      ]
    if (run.status === 'awaiting-approval' && approval)
      return [
        `step "${runId}" awaits an approval ("${approval.title}"): answer with env.approve("${id}", "${runId}", { … }) or env.reject("${id}", "${runId}")`,
      ]
    if (run.status !== 'dispatched' || !bodyOfRun(state.plan, runId)?.task) return []
    return childWaits(runId, childOf(childIdOf(id, runId, run.attempt)), childOf)
  })
}

function childWaits(
  runId: string,
  child: TaskState | undefined,
  childOf: (childId: string) => TaskState | undefined,
): string[] {
  if (!child) return []
  return waitsFor(child, childOf).map((what) => `in child task "${child.id}" of step "${runId}", ${what}`)
}

/** States of steps, in a line: for errors. Pure. */
export function stepsText({ steps }: TaskState): string {
  return Object.entries(steps)
    .map(([id, { status }]: [string, StepState]) => `${id} ${status}`)
    .join(', ')
}
