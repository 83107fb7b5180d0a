import {
  type IntegrityFindings,
  type IntegrityRule,
  type IntegrityViolation,
  NAMED_VIOLATIONS,
} from '#schemas/integrity.ts'

/** What says that a task was lost, or that something of it happened twice. */
const LOST: ReadonlySet<IntegrityRule> = new Set(['due-happens', 'store-is-the-fold', 'outcomes-stay'])
const DOUBLED: ReadonlySet<IntegrityRule> = new Set([
  'accepted-once',
  'terminal-never-changes',
  'one-result-a-run',
])
const MAX_MESSAGE = 500

/** Pure. */
export function noFindings(sinceMs: number): IntegrityFindings {
  return {
    ...{ sinceMs, events: 0, ended: 0, compared: 0, skipped: 0, late: 0 },
    ...{ lost: 0, doubled: 0, violations: 0, recent: [] },
  }
}

/** With one more violation; the same where it is known already. Pure. */
export function withViolation(findings: IntegrityFindings, violation: IntegrityViolation): IntegrityFindings {
  const { rule, taskId, seq } = violation
  const isKnown = findings.recent.some(
    (known) => known.rule === rule && known.taskId === taskId && known.seq === seq,
  )
  if (isKnown) return findings
  const message = violation.message.slice(0, MAX_MESSAGE)
  return {
    ...findings,
    violations: findings.violations + 1,
    lost: findings.lost + Number(LOST.has(rule)),
    doubled: findings.doubled + Number(DOUBLED.has(rule)),
    recent: [{ ...violation, message }, ...findings.recent].slice(0, NAMED_VIOLATIONS),
  }
}
