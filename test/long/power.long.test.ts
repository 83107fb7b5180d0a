import t from 'tap'
import { powerKinds } from '../agents/report/analysis/planted-effects.ts'
import { TOLD, toldIn } from '../agents/report/analysis/power-gate.ts'

/** The power table of docs/report.md: 50 reports of each planted effect. POWER_REPORTS asks for more, POWER_SEED for others. */
const REPORTS = Number(process.env.POWER_REPORTS ?? 50)
const FIRST_SEED = Number(process.env.POWER_SEED ?? 8_000_000)

t.setTimeout(3_600_000)

for (const kind of powerKinds())
  t.test(kind.name, async (t) => {
    const told = await toldIn(kind, { first: FIRST_SEED, count: REPORTS })
    t.comment(`${kind.name}: ${told} of ${REPORTS} told`)
    t.ok((100 * told) / REPORTS >= TOLD[kind.name]!, `${told} of ${REPORTS}`)
  })
