import t from 'tap'
import { renderChecks } from '../../../services/cli/commands/doctor.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

t.test('checks show their fix below them', async (t) => {
  const lines = renderChecks(
    [
      { name: 'node', status: 'ok', evidence: '24', fix: 'not shown' },
      { name: 'nats', status: 'fail', evidence: 'none', fix: 'Get it.' },
    ],
    noPaint,
  )
  t.strictSame(lines, ['  ✓  node  24', '  ✗  nats  none', '      → Get it.', '', '1 check failed.'])
})
