import t from 'tap'
import { keySentences } from '../../../../../services/agents/report/ingest/text/key-sentences.ts'

t.test('sentences that share words with others stand for the text, in its order', async (t) => {
  const found = keySentences([
    'Lunch was served outside at noon.',
    'Record sea ice losses follow warming oceans. Sea ice extent reached a new minimum.',
    'Warming oceans raise the sea level. Ice losses reached every coast.',
    'Sea level and ice extent are measured daily.',
  ])
  t.equal(found.length, 5)
  t.equal(found[0], 'Record sea ice losses follow warming oceans.')
  t.equal(found[4], 'Sea level and ice extent are measured daily.')
})

t.test('short, overlong and repeated sentences are left out', async (t) => {
  t.strictSame(keySentences(['Too short here.', `${'very '.repeat(100)}long sentence.`]), [])
  const twice = 'Glaciers retreat in every region.'
  t.strictSame(keySentences([`${twice} ${twice}`, twice]), [twice])
  t.strictSame(keySentences([]), [])
})

t.test('at most five, of texts without common words the first', async (t) => {
  const subjects = ['Glaciers', 'Oceans', 'Forests', 'Deserts', 'Rivers', 'Islands', 'Mountains']
  const blocks = subjects.map((subject, i) => `${subject} verb${i} object${i} adverb${i}.`)
  t.strictSame(keySentences(blocks), blocks.slice(0, 5))
})
