import { isDeepStrictEqual } from 'node:util'
import type { StepMessage } from '#schemas/step-message.ts'
import { isTerminal } from '#schemas/task.ts'
import { STREAMS } from '#subjects/streams.ts'
import { GRACE_MS } from './check-ends.ts'
import type { History } from './history.ts'
import type { Report } from './invariants.ts'
import type { Out, Refold, TaskStory } from './refold.ts'

/** What was sent, against what the log has decided. */
export function checkCommands(history: History, folded: Refold, report: Report): void {
  checkSentOnce(history, folded, report)
  checkDecided(history, folded, report)
  const queued = new Set(history.steps.map(({ id }) => id))
  const buried = new Set(history.dead.map(({ id }) => id))
  for (const story of folded.stories.values()) {
    for (const out of story.outs) checkOut(out, { queued, folded, history, report })
    for (const { commands } of story.turns)
      for (const command of commands) {
        if (command.kind !== 'BuryStep') continue
        const id = `${story.id}:${command.stepId}:${command.attempt}`
        if (!buried.has(id)) report('nothing-is-left-unsent', `poison ${id} was not buried`)
      }
  }
}

function checkSentOnce({ steps, dead, world }: History, { stories }: Refold, report: Report): void {
  for (const [list, windowMs, what] of [
    [steps, STREAMS.steps.duplicateWindowMs, 'queued'],
    [dead, STREAMS.dead.duplicateWindowMs, 'buried'],
  ] as const) {
    const before = new Map<string, number>()
    for (const { id, atMs } of list) {
      const lastMs = before.get(id)
      if (lastMs !== undefined && atMs - lastMs < windowMs) report('sent-once', `${id} was ${what} twice`)
      before.set(id, atMs)
    }
  }
  for (const { accepted, wishes } of world.submissions) {
    const turns = stories.get(accepted.taskId)?.turns ?? []
    const paused = turns.filter(
      ({ before, after }) => before?.status !== 'paused' && after!.status === 'paused',
    )
    const asked = wishes.filter(({ what }) => what === 'pause')
    if (paused.length > asked.length)
      report('sent-once', `task ${accepted.taskId} was paused ${paused.length} times, asked ${asked.length}`)
  }
}

function checkDecided({ emissions, steps }: History, { stories }: Refold, report: Report): void {
  const decided = new Map<string, Set<string>>()
  for (const { id, turns, outs } of stories.values()) {
    const own = new Set(outs.map((out) => `${out.kind} ${out.id}`))
    for (const { childId } of outs) if (childId) own.add(`CancelChild ${childId}`)
    for (const { commands } of turns)
      for (const command of commands) {
        if (command.kind === 'BuryStep') own.add(`BuryStep ${id}:${command.stepId}:${command.attempt}`)
        if (command.kind === 'ReportToParent') own.add('ReportToParent ')
      }
    decided.set(id, own)
  }
  for (const { kind, taskId, about } of emissions)
    if (!decided.get(taskId)?.has(`${kind} ${about}`))
      report('sent-as-decided', `${kind} ${about || taskId} was sent, and the log decides no such thing`)
  const first = new Map<string, StepMessage>()
  for (const { id, message } of steps) {
    const before = first.get(id) ?? message
    first.set(id, before)
    if (before.agent !== message.agent || !isDeepStrictEqual(before.input, message.input))
      report('sent-as-decided', `${id} was sent twice, each time as something else`)
  }
}

interface About {
  queued: ReadonlySet<string>
  folded: Refold
  history: History
  report: Report
}

/** What is waited for for longer than 10 s after the last fault has been sent; and whoever waits hears of an end. */
function checkOut(out: Out, { queued, folded, history, report }: About): void {
  const sinceMs = Math.max(out.fromMs, history.healedAtMs)
  const isLong = out.untilMs > sinceMs + GRACE_MS
  if (out.kind === 'DispatchStep') {
    if (isLong && !queued.has(out.id)) report('nothing-is-left-unsent', `${out.id} is out, and in no queue`)
    return
  }
  if (out.kind === 'Evaluate') {
    if (isLong) report('nothing-is-left-unsent', `${out.id} is not evaluated`)
    return
  }
  const child = folded.stories.get(out.childId!)
  if (!child) {
    if (isLong) report('nothing-is-left-unsent', `child ${out.childId} of ${out.id} was not started`)
    return
  }
  checkChild(out, child, history, report)
}

function checkChild(
  out: Out,
  { id, final, acceptedAtMs }: TaskStory,
  { healedAtMs }: History,
  report: Report,
) {
  if (!isTerminal(final.status)) return
  const endedMs = final.finishedAtMs!
  if (out.untilMs > Math.max(endedMs, healedAtMs) + GRACE_MS)
    report('children-end-with-parents', `${out.id} waits for child ${id}, which was ${final.status} long ago`)
  // What it has completed may have to be undone first.
  const isUndone = Object.values(final.steps).some(({ compensated }) => compensated !== undefined)
  if (!isUndone && endedMs > Math.max(out.untilMs, acceptedAtMs, healedAtMs) + GRACE_MS)
    report(
      'children-end-with-parents',
      `child ${id} goes on for ${endedMs - out.untilMs} ms, and nobody waits`,
    )
}
