import t from 'tap'
import { atMost, nullClaims, seedsFrom } from './null-gate.ts'
import { nullKinds } from './null-tables.ts'

t.setTimeout(240_000)
/** Seeds that nothing was tuned on; many more, and longer series, are in `test/long/null-gate.long.test.ts`. */
const SEEDS = seedsFrom(7_000_000, 2)

t.test(
  'of tables without anything in them at most 5 % of reports claim something, and none strongly',
  async (t) => {
    const claims = []
    for (const kind of nullKinds({ tables: [12, 30, 200], series: [30, 60] }))
      claims.push(await nullClaims(kind, SEEDS))
    const reports = claims.reduce((sum, kind) => sum + kind.reports, 0)
    const claiming = claims.reduce((sum, kind) => sum + kind.claiming, 0)
    const examples = claims.flatMap((kind) => kind.examples.map((example) => `${kind.name}, ${example}`))
    t.ok(reports > 80 && claiming <= 0.05 * reports, `${claiming} of ${reports}: ${examples.join('\n')}`)
    for (const { name, strong } of claims) t.equal(strong, 0, name)
    for (const kind of claims) t.ok(kind.claiming <= atMost(0.05, kind.reports), kind.name)
  },
)
