import t from 'tap'
import { powerKinds } from './planted-effects.ts'
import { TOLD, toldIn } from './power-gate.ts'

t.setTimeout(240_000)
const REPORTS = 10
const FIRST_SEED = 9_000_000

for (const kind of powerKinds())
  t.test(`${kind.name} is told in ${TOLD[kind.name]} % of reports`, async (t) => {
    const told = await toldIn(kind, { first: FIRST_SEED, count: REPORTS })
    t.ok((100 * told) / REPORTS >= TOLD[kind.name]!, `${told} of ${REPORTS}`)
  })
