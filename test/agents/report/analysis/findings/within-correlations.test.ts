import t from 'tap'
import { withinCorrelations } from '../../../../../services/agents/report/analysis/findings/within-correlations.ts'
import { relationUnits } from '../../../../../services/agents/report/analysis/relations/relation-units.ts'
import { seededRandom } from '../../../../../services/agents/report/analysis/statistics/change-points.ts'
import { prepareTable } from '../../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../sample-documents.ts'

const SUBJECTS = 15
const DAYS = 8

function units(slope: number, seed: number) {
  const random = seededRandom(seed)
  const cells = Array.from({ length: SUBJECTS * DAYS }, (_, row) => {
    const subject = 300 + Math.floor(row / DAYS)
    return { subject, days: row % DAYS, reaction: subject * 3 + slope * (row % DAYS) + random() * 30 }
  })
  const of = (name: keyof (typeof cells)[number]) =>
    column(
      name,
      'number',
      cells.map((cell) => cell[name]),
    )
  const columns = [of('subject'), of('days'), of('reaction')]
  return relationUnits(prepareTable('a.csv', { name: 'a.csv', rows: cells.length, columns, notes: [] }))
}

t.test(
  'a rise within each subject is seen, though the means of the days do not differ between subjects',
  async (t) => {
    const [found] = withinCorrelations(units(6, 1))
    t.match(found?.correlation, { a: 'reaction', b: 'days' })
    t.ok(found!.correlation.pValue < 1e-4)
    t.ok(found!.tested > 0.4)
  },
)

t.test('p is small no more often than it says where nothing happens', async (t) => {
  let small = 0
  for (let seed = 0; seed < 200; seed++) {
    if (withinCorrelations(units(0, 1000 + seed))[0]!.correlation.pValue <= 0.05) small++
  }
  t.ok(small <= 20, `${small} of 200`)
})
