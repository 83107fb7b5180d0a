import t from 'tap'
import { atMost, nullClaims, seedsFrom } from '../agents/report/analysis/null-gate.ts'
import { nullKinds } from '../agents/report/analysis/null-tables.ts'

/**
 * The gate of errors over seeds that nothing was tuned on: 20 or more reports of each of more than sixty kinds of tables without anything
 * in them. NULL_GATE_REPORTS asks for more, NULL_GATE_SEED for others.
 */
const REPORTS = Number(process.env.NULL_GATE_REPORTS ?? 20)
const FIRST_SEED = Number(process.env.NULL_GATE_SEED ?? 40_000_000)
/** Of chance alone a few of thousands are as sure as strong ones are. */
const STRONG_SHARE = 0.0005

t.setTimeout(3_600_000)

let reports = 0
let claiming = 0
let strong = 0
for (const kind of nullKinds({ tables: [12, 30, 200], series: [30, 60, 200] }))
  t.test(kind.name, async (t) => {
    const claims = await nullClaims(kind, seedsFrom(FIRST_SEED, REPORTS))
    t.comment(`${claims.claiming} of ${REPORTS} claim something, ${claims.strong} strongly`)
    t.ok(claims.claiming <= atMost(0.05, REPORTS), claims.examples.join('\n'))
    reports += REPORTS
    claiming += claims.claiming
    strong += claims.strong
  })

t.test('over all kinds', async (t) => {
  t.comment(`${claiming} of ${reports} claim something, ${strong} strongly`)
  t.ok(claiming <= 0.05 * reports)
  t.ok(strong <= Math.ceil(atMost(STRONG_SHARE, reports)), `${strong} strong`)
})
