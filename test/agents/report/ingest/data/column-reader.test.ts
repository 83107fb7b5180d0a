import t from 'tap'
import { mixedNotes, sampleOf } from '../../../../../services/agents/report/ingest/data/column-reader.ts'

t.test('a column of words tells that many of its cells are numbers', async (t) => {
  const note = (...cells: string[]) =>
    mixedNotes('v', cells, { fits: (cell) => /^\d+$/.test(String(cell)), what: 'numbers' })
  const numbers = Array.from({ length: 12 }, (_, i) => String(i))
  t.match(note(...numbers, 'abc1', 'abc2', 'abc3'), [/12 of 15 cells are numbers.*"abc1" in row 13/])
  t.match(note('low', ...numbers, 'high'), [/12 of 14/])
  t.strictSame(note(...numbers.flatMap((cell) => [cell, `${cell}a`])), [], 'house numbers')
  t.strictSame(note('1', '2', 'x'), [], 'few')
})

t.test('a sample is spread evenly over what is there', async (t) => {
  const cells = Array.from({ length: 4_000 }, (_, i) => (i % 2 === 0 ? null : i))
  const sample = sampleOf(cells)
  t.equal(sample.length, 1_000)
  t.strictSame(sample.slice(0, 3), [1, 5, 9])
})
