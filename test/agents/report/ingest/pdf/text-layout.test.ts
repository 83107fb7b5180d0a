import t from 'tap'
import { layOutText, type PlacedText } from '../../../../../services/agents/report/ingest/pdf/text-layout.ts'

const piece = (text: string, x: number, y: number, about: Partial<PlacedText> = {}): PlacedText => ({
  text,
  x,
  y,
  width: text.length * 6,
  height: 12,
  endsLine: false,
  ...about,
})

t.test('layout: words by gaps, lines by baselines', async (t) => {
  t.equal(layOutText([]), '')
  t.equal(layOutText([piece('one', 0, 100), piece('two', 30, 100), piece('!', 48, 100)]), 'one two!')
  t.equal(layOutText([piece('x', 0, 100), piece('2', 6, 104, { height: 7 })]), 'x2', 'superscript')
  t.equal(
    layOutText([piece('short', 0, 100), piece('a much longer line', 0, 86)]),
    'short\na much longer line',
  )
})

t.test('layout: wrapped lines join, hyphens are mended, paragraphs part', async (t) => {
  const text = layOutText([
    piece('the quick brown fox be-', 0, 100),
    piece('haves rather well in', 0, 86),
    piece('spring.', 0, 72),
    piece('A new paragraph begins', 0, 44),
    piece('Big title', 0, 28, { height: 20 }),
    piece('next column', 300, 100),
  ])
  t.strictSame(text.split('\n\n'), [
    'the quick brown fox behaves rather well in spring.',
    'A new paragraph begins',
    'Big title',
    'next column',
  ])
})

const WORDS = 'the harvest of apples grew by a third'

t.test(
  'layout: columns of prose are read one after the other, in whatever order they were written',
  async (t) => {
    const line = (name: string, x: number, row: number) => piece(`${name}${row} ${WORDS}`, x, 700 - 14 * row)
    const rows = [0, 1, 2, 3]
    const rowWise = rows.flatMap((row) => [line('a', 0, row), line('b', 300, row)])
    const shifted = rows.flatMap((row) => [line('a', 0, row), { ...line('b', 300, row), y: 693 - 14 * row }])
    const three = rows.flatMap((row) => [line('a', 0, row), line('b', 300, row), line('c', 600, row)])
    const order = (pieces: PlacedText[]) =>
      layOutText(pieces)
        .match(/[abc]\d/g)
        ?.join(' ')
    t.equal(order(rowWise), 'a0 a1 a2 a3 b0 b1 b2 b3')
    t.equal(order(shifted), 'a0 a1 a2 a3 b0 b1 b2 b3')
    t.equal(order(three), 'a0 a1 a2 a3 b0 b1 b2 b3 c0 c1 c2 c3')
    const gaps = rows.flatMap((row) => [
      line('a', 0, row),
      piece(' ', 240, 700 - 14 * row, { width: 60, height: 0 }),
      line('b', 300, row),
    ])
    t.equal(order(gaps), 'a0 a1 a2 a3 b0 b1 b2 b3', 'a space as wide as the gutter hides nothing')
  },
)

t.test('layout: a line across both columns stays between them, and tables are read row by row', async (t) => {
  const title = piece('A title across both of the columns of the page that is long enough', 0, 760, {
    width: 540,
  })
  const rows = [0, 1, 2].flatMap((row) => [
    piece(`a${row} ${WORDS}`, 0, 700 - 14 * row),
    piece(`b${row} ${WORDS}`, 300, 700 - 14 * row),
  ])
  t.match(layOutText([title, ...rows]), /^A title[\s\S]*a2[\s\S]*b0/)
  const table = [0, 1, 2, 3].flatMap((row) => [
    piece(`Item ${row}`, 0, 700 - 14 * row),
    piece(`${row}.50`, 300, 700 - 14 * row),
  ])
  t.match(layOutText(table), /Item 0 0\.50\s+Item 1 1\.50/)
})
