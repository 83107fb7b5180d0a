import { checkEnds } from './check-ends.ts'
import { checkFold } from './check-fold.ts'
import { checkRuns, isPoison } from './check-runs.ts'
import { checkSubmissions } from './check-submissions.ts'
import type { History, Violation } from './history.ts'
import { type IndexedHistory, indexHistory, stateOf } from './indexed-history.ts'

/**
 * Judges a run by everything that is known of it: the log, the answers of the service, Redis, what clients were told and what
 * handlers wrote down. It shares no code with what it judges. Pure.
 */
export function checkHistory(history: History): Violation[] {
  const indexed = indexHistory(history)
  return [
    ...checkEnds(indexed),
    ...checkSubmissions(indexed),
    ...checkFold(indexed),
    ...checkRuns(indexed),
    ...checkDead(indexed),
    ...checkProcesses(indexed),
    ...checkPurges(indexed),
  ]
}

/** 7: what takes processes down lies under `dead.*` once, and nothing else does. */
function checkDead({ history, accepted, hasGoneBack }: IndexedHistory): Violation[] {
  const found: Violation[] = []
  const counts = new Map<string, number>()
  for (const { taskId, stepId } of history.dead) {
    const task = accepted.get(taskId ?? '')
    // What nobody can attribute lies there too; it is no step of a task.
    if (!task || stepId === undefined || !task.steps.some(({ id }) => id === stepId)) continue
    const code = stateOf(task)?.steps[stepId]?.error?.code
    if (!isPoison(task, stepId) && code !== 'POISON_MESSAGE')
      found.push({ rule: '7', taskId, what: `step ${stepId} does nobody harm, and lies under dead` })
    counts.set(`${taskId} ${stepId}`, (counts.get(`${taskId} ${stepId}`) ?? 0) + 1)
  }
  for (const task of accepted.values()) {
    const state = stateOf(task)
    if (state?.error?.code !== 'POISON_MESSAGE' || state.error.stepId === undefined || hasGoneBack) continue
    const times = counts.get(`${task.id} ${state.error.stepId}`) ?? 0
    if (times !== 1)
      found.push({
        rule: '7',
        taskId: task.id,
        what: `step ${state.error.stepId} lies under dead ${times} times`,
      })
  }
  return found
}

/** Processes end when they are told to. Those of agents may be taken down by a step. */
function checkProcesses({ history }: IndexedHistory): Violation[] {
  const mayCrash = history.tasks.some(({ kind }) => kind === 'poison')
  return history.processes
    .filter(({ kind, asked, role }) => kind === 'ended' && !asked && !(role === 'agent' && mayCrash))
    .map(({ instance, how }) => ({ rule: 'A2', what: `${instance} ended unasked: ${how}` }))
}

/** A run in which the log keeps its beginning shows nothing of what is to be shown. */
function checkPurges({ history: { purges, purged } }: IndexedHistory): Violation[] {
  return purges && purged === 0 ? [{ rule: 'C1', what: 'nothing of the log was purged' }] : []
}
