import t from 'tap'
import {
  sentencesIn,
  textCounts,
  wordsIn,
} from '../../../../../services/agents/report/ingest/text/text-counts.ts'

t.test('characters are code points, words and sentences those of Unicode', async (t) => {
  t.strictSame(textCounts('One two. Three!\n\n\nFour 😀'), {
    counts: { characters: 24, words: 4, sentences: 3, paragraphs: 2 },
    estimated: false,
  })
  t.strictSame(textCounts(''), {
    counts: { characters: 0, words: 0, sentences: 0, paragraphs: 0 },
    estimated: false,
  })
})

t.test('long texts are counted in part and extrapolated; paragraphs and characters are not', async (t) => {
  const { counts, estimated } = textCounts('word '.repeat(100_000))
  t.equal(estimated, true)
  t.strictSame(counts, { characters: 500_000, words: 100_000, sentences: 3, paragraphs: 1 })
})

t.test('sentences: trimmed, with a letter or a digit', async (t) => {
  t.strictSame(sentencesIn('  One.  Two?\n…\n3! '), ['One.', 'Two?', '3!'])
  t.strictSame(sentencesIn(' --- '), [])
})

t.test('words: lower case, in scripts without spaces too', async (t) => {
  t.strictSame(wordsIn("Don't STOP, 3.5 %"), ["don't", 'stop', '3.5'])
  t.ok(wordsIn('今日は天気').length > 1)
})
