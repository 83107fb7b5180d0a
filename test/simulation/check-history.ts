import { checkRuns } from '../support/run-checker.ts'
import { checkCommands } from './check-commands.ts'
import { checkEnds } from './check-ends.ts'
import { checkKinds } from './check-kinds.ts'
import { checkRunOrder } from './check-runs.ts'
import type { History } from './history.ts'
import type { Report, Violation } from './invariants.ts'
import { type Refold, refold } from './refold.ts'
import type { Protection } from './surroundings.ts'

/** @returns what does not hold; empty is good news */
export function checkHistory(history: History, without: ReadonlySet<Protection> = new Set()): Violation[] {
  const violations: Violation[] = []
  const report: Report = (invariant, message) => void violations.push({ invariant, message })
  if (history.isEndless) report('accepted-ends-once', 'the simulation goes on for ever')
  let folded: Refold
  try {
    folded = refold(history, without)
  } catch (error) {
    report('decide-never-throws', (error as Error).message)
    return violations
  }
  checkEnds(history, folded, report)
  checkRunOrder(folded, report)
  checkKinds(history, folded, report)
  checkCommands(history, folded, report)
  for (const late of history.lateTimers) report('store-is-the-fold', late)
  for (const difference of folded.differences) report('store-is-the-fold', difference)
  for (const { id, turns } of folded.stories.values()) {
    try {
      checkRuns(turns, { slackMs: Number.POSITIVE_INFINITY })
    } catch (error) {
      report('runs-add-up', `task ${id}: ${(error as Error).message.split('\n', 1)[0]}`)
    }
  }
  return violations
}
