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
