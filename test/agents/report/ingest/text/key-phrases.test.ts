import t from 'tap'
import { keyPhrases } from '../../../../../services/agents/report/ingest/text/key-phrases.ts'

const phrases = (...blocks: string[]) => keyPhrases(blocks).map(({ phrase }) => phrase)

t.test('a phrase that comes again wins over its words, as first written', async (t) => {
  const found = keyPhrases(['Sea ice is melting.', 'The sea ice of the Arctic, and sea ice elsewhere.'])
  t.match(found[0], { phrase: 'Sea ice', count: 3 })
  t.notOk(
    found.some(({ phrase }) => /^(sea|ice)$/i.test(phrase)),
    'part of a better one',
  )
})

t.test('function words and punctuation end a phrase', async (t) => {
  t.strictSame(phrases('of the and with'), [])
  const found = phrases('Growth of exports. Exports, imports')
  for (const phrase of found) t.notMatch(phrase, /\bof\b|,/)
  t.notOk(found.includes('Exports imports'))
})

t.test('no letter, no phrase; at most three words', async (t) => {
  t.strictSame(phrases('12 34 2024'), [])
  for (const phrase of phrases('large northern wind power plants produce electricity')) {
    t.ok(phrase.split(' ').length <= 3, phrase)
  }
})

t.test('short words that are very frequent join phrases in languages that are not known', async (t) => {
  const block = Array.from({ length: 60 }, (_, i) => `valo ja${i % 2 ? '' : ' vesi'} og talo${i}`).join('. ')
  t.notOk(
    phrases(block).some((phrase) => /\bog\b/.test(phrase)),
    'og is one word in four',
  )
})

t.test('at most twelve, best first', async (t) => {
  const found = keyPhrases(Array.from({ length: 40 }, (_, i) => `Subject${i} matters${i}`))
  t.equal(found.length, 12)
  const scores = found.map(({ score }) => score)
  t.strictSame(
    scores,
    scores.toSorted((a, b) => b - a),
  )
})
