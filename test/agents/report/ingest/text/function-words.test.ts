import t from 'tap'
import { FUNCTION_WORDS } from '../../../../../services/agents/report/ingest/text/function-words.ts'

t.test('words that only join others, in four languages', async (t) => {
  for (const word of ['the', 'und', 'avec', 'para']) t.ok(FUNCTION_WORDS.has(word), word)
  for (const word of ['sales', 'umsatz', '']) t.notOk(FUNCTION_WORDS.has(word), word)
  for (const word of FUNCTION_WORDS) t.match(word, /^[\p{Ll}'’]+$/u)
})
