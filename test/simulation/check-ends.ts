import { isDeepStrictEqual } from 'node:util'
import { LIMITS } from '#schemas/limits.ts'
import { isTerminal } from '#schemas/task.ts'
import type { History } from './history.ts'
import type { Report } from './invariants.ts'
import type { Refold, TaskStory } from './refold.ts'

export const GRACE_MS = 10_000
const DEFAULT_BUDGET_MS = 15 * 60_000
const SETTLED = ['completed', 'skipped', 'failed']

/** How tasks end. */
export function checkEnds(history: History, { stories }: Refold, report: Report): void {
  for (const story of stories.values()) {
    checkEnd(story, report)
    checkTime(story, history.healedAtMs, report)
    checkOutcome(story, report)
  }
  const submitted = new Set(history.world.submissions.map(({ accepted }) => accepted.taskId))
  const started = new Set([...stories.values()].flatMap(({ outs }) => outs.map(({ childId }) => childId)))
  for (const id of stories.keys())
    if (!submitted.has(id) && !started.has(id))
      report('nothing-unaccepted', `nobody submitted or started task ${id}`)
  for (const { states } of history.snapshots)
    for (const id of states.keys())
      if (!stories.has(id)) report('nothing-unaccepted', `the store has task ${id}, which is in no log`)
}

function checkEnd({ id, turns, final }: TaskStory, report: Report): void {
  if (!isTerminal(final.status)) report('accepted-ends-once', `task ${id} is ${final.status} for ever`)
  let told = 0
  for (const { before, after, commands } of turns) {
    for (const command of commands) {
      if (command.kind === 'AnnounceEvent' && isTerminal(command.event.kind as typeof final.status)) told++
      if (before && isTerminal(before.status) && command.kind !== 'RecordLate')
        report('terminal-never-changes', `task ${id} has ended, and sends ${command.kind}`)
    }
    if (before && isTerminal(before.status) && !isDeepStrictEqual(after, before))
      report('terminal-never-changes', `task ${id} was ${before.status} and changes to ${after!.status}`)
  }
  if (told !== 1) report('accepted-ends-once', `task ${id} told ${told} times that it has ended`)
  if (final.error?.code === 'TASK_QUARANTINED')
    report('decide-never-throws', `task ${id}: ${final.error.message}`)
}

/** Follows the deadline by the rules of the design alone. */
function checkTime(
  { id, accepted, acceptedAtMs, turns, final }: TaskStory,
  healedAtMs: number,
  report: Report,
) {
  let deadlineAtMs = acceptedAtMs + accepted.deadlineMs
  let pausedAtMs: number | undefined
  let isCompensating = false
  for (const { before, after, event } of turns) {
    if (before?.status !== 'paused' && after!.status === 'paused') pausedAtMs = event.atMs
    if (pausedAtMs !== undefined && after!.status !== 'paused') {
      if (!isTerminal(after!.status) || event.kind !== 'timer') deadlineAtMs += event.atMs - pausedAtMs
      else deadlineAtMs = pausedAtMs + LIMITS.taskDeadlineMs
      pausedAtMs = undefined
    }
    if (!isCompensating && after!.status === 'compensating') {
      isCompensating = true
      if (event.atMs > Math.max(deadlineAtMs, healedAtMs) + GRACE_MS)
        report('ends-in-time', `task ${id} begins to undo ${event.atMs - deadlineAtMs} ms after its deadline`)
      deadlineAtMs = event.atMs + (accepted.plan.compensationTimeoutMs ?? DEFAULT_BUDGET_MS)
    }
  }
  const { finishedAtMs = Number.POSITIVE_INFINITY, status } = final
  if (finishedAtMs > Math.max(deadlineAtMs, healedAtMs) + GRACE_MS)
    report('ends-in-time', `task ${id} ends ${finishedAtMs - deadlineAtMs} ms after its deadline`)
  if (status === 'completed' && finishedAtMs > deadlineAtMs)
    report('ends-in-time', `task ${id} is completed ${finishedAtMs - deadlineAtMs} ms after its deadline`)
}

function checkOutcome({ id, accepted, turns, final }: TaskStory, report: Report): void {
  const goesOn = new Set(
    accepted.plan.steps.filter((step) => step.onFailure === 'continue').map((step) => step.id),
  )
  const steps = Object.entries(final.steps)
  for (const [stepId, { status }] of steps) {
    if (!isTerminal(final.status)) break
    if (!SETTLED.includes(status) && status !== 'cancelled')
      report('ends-as-its-steps', `task ${id} has ended, and its step ${stepId} is ${status}`)
    if (final.status !== 'completed') continue
    if (!SETTLED.includes(status) || (status === 'failed' && !goesOn.has(stepId)))
      report('ends-as-its-steps', `task ${id} is completed, and its step ${stepId} ${status}`)
  }
  if (final.status === 'failed' && final.error?.code !== 'DEADLINE_EXCEEDED') {
    const culprit = final.error?.stepId
    if (culprit === undefined || final.steps[culprit]?.status !== 'failed' || goesOn.has(culprit))
      report('ends-as-its-steps', `task ${id} failed without a step that has: ${final.error?.code}`)
  }
  const isCancelled = turns.some(({ event }) => event.kind === 'control' && event.body.action === 'cancel')
  if (final.status === 'cancelled' && !isCancelled)
    report('ends-as-its-steps', `task ${id} is cancelled, and nobody asked for it`)
  if (final.status === 'completed' && accepted.plan.output === undefined) {
    const needed = new Set(accepted.plan.steps.flatMap(({ needs = [] }) => needs))
    const leaves = steps.filter(([stepId]) => !needed.has(stepId))
    const expected = Object.fromEntries(leaves.map(([stepId, { output }]) => [stepId, output ?? null]))
    if (!isDeepStrictEqual(final.output, expected))
      report('ends-as-its-steps', `the output of task ${id} is not that of the steps that nobody needs`)
  }
}
