import t from 'tap'
import { leftoverCells } from '../../../../../services/agents/report/ingest/large/leftover-cells.ts'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const hundred = Array.from({ length: 100 }, (_, i) => `${i}`)

async function leftIn(more: readonly (string | null)[]) {
  const { file, readers } = await typed({ x: hundred }, { x: more })
  return leftoverCells(engine, file, { index: 0, read: readers[0]! })
}

t.test('marks are told from malformed cells, with their rows', async (t) => {
  t.same(await leftIn(['n/a', 'oops', 'n/a', null, '5', 'bad', 'oops']), {
    malformed: [
      { row: 102, value: 'oops' },
      { row: 105, value: 'bad' },
      { row: 106, value: 'oops' },
    ],
    malformedCount: 3,
    missingMarks: [{ mark: 'n/a', count: 2 }],
  })
})

t.test('nothing left, no marks', async (t) => {
  t.same(await leftIn(['5']), { malformed: [], malformedCount: 0 })
})

t.test('of many the first are shown, long ones cut', async (t) => {
  const { malformed, malformedCount } = await leftIn(Array.from({ length: 30 }, () => 'x'.repeat(300)))
  t.equal(malformedCount, 30)
  t.same(
    malformed.map(({ row }) => row),
    Array.from({ length: 20 }, (_, i) => 101 + i),
  )
  t.equal(malformed[0]!.value, `${'x'.repeat(199)}…`)
})
