import t from 'tap'
import { integrityViewExample as clean } from '#schemas/integrity.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderIntegrity } from '../../../services/cli/system/render-integrity.ts'

t.test('a log without faults is one line', async (t) => {
  t.strictSame(renderIntegrity(clean, noPaint), [
    'integrity: 0 lost, 0 doubled since 2026-09-21 14:13Z, 48211 events of 7903 ended tasks checked',
  ])
})

t.test('what was passed over, what is behind, and that nobody audits now', async (t) => {
  const [line] = renderIntegrity({ ...clean, skipped: 5, behind: 7, isStale: true }, noPaint)
  t.match(line, /, 5 passed over, 7 behind, as of 2026-09-21 14:14Z: nobody audits now$/)
})

t.test('violations are named, with the task and the rule', async (t) => {
  const recent = Array.from({ length: 7 }, (_, i) => ({
    ...{ rule: 'due-happens' as const, taskId: `t-${i}`, atMs: clean.sinceMs, message: 'stands still' },
  }))
  const lines = renderIntegrity({ ...clean, violations: 7, lost: 5, recent }, noPaint)
  t.match(lines[0], /^integrity: 5 lost, 0 doubled, 2 otherwise wrong since/)
  t.equal(lines.length, 6)
  t.match(lines[1], /due-happens +t-0 stands still$/)
})
