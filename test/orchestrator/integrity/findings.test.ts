import t from 'tap'
import { type IntegrityViolation, integrityFindingsSchema, NAMED_VIOLATIONS } from '#schemas/integrity.ts'
import { noFindings, withViolation } from '../../../services/orchestrator/integrity/findings.ts'

const violation = (about: Partial<IntegrityViolation> = {}): IntegrityViolation => ({
  ...{ rule: 'due-happens', taskId: 't-1', atMs: 5, message: 'it stands still', ...about },
})

t.test('each is counted once, by what it says', async (t) => {
  let findings = noFindings(1)
  findings = withViolation(findings, violation())
  t.equal(withViolation(findings, violation({ atMs: 9 })), findings, 'the same of the same task')
  findings = withViolation(findings, violation({ rule: 'accepted-once', seq: 7 }))
  findings = withViolation(findings, violation({ rule: 'accepted-once', seq: 8 }))
  findings = withViolation(findings, violation({ rule: 'needs-come-first', seq: 8 }))
  t.match(findings, { sinceMs: 1, lost: 1, doubled: 2, violations: 4 })
  t.strictSame(
    findings.recent.map(({ rule, seq }) => `${rule} ${seq ?? ''}`),
    ['needs-come-first 8', 'accepted-once 8', 'accepted-once 7', 'due-happens '],
    'the newest first',
  )
})

t.test('the last ones are named, and what is said has a bound', async (t) => {
  let findings = noFindings(1)
  for (let i = 0; i < NAMED_VIOLATIONS + 3; i++)
    findings = withViolation(findings, violation({ taskId: `t-${i}`, message: 'x'.repeat(2000) }))
  t.equal(findings.recent.length, NAMED_VIOLATIONS)
  t.equal(findings.violations, NAMED_VIOLATIONS + 3)
  t.doesNotThrow(() => integrityFindingsSchema.parse(findings))
})
