import t from 'tap'
import { duplicateRows } from '../../../../../services/agents/report/ingest/data/duplicate-rows.ts'

t.test('rows that come again in every cell', async (t) => {
  const ids = Array.from({ length: 30 }, (_, i) => String(i % 10))
  t.equal(duplicateRows([{ cells: ids }, { cells: ids.map((id) => `n${id}`) }], 30), 20)
  t.equal(duplicateRows([{ cells: ids.map((_, i) => i) }, { cells: ids }], 30), 0)
  const answers = Array.from({ length: 100 }, (_, i) => String((i * 7) % 5))
  t.equal(
    duplicateRows([{ cells: answers }, { cells: answers.map((a, i) => String((i + Number(a)) % 4)) }], 100),
    0,
  )
})
