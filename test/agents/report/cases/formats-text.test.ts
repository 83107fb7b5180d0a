import { readFileSync } from 'node:fs'
import t from 'tap'
import { decodeText } from '../../../../services/agents/report/ingest/text/decode-text.ts'

const bytesOf = (name: string) => readFileSync(new URL(`./formats/${name}`, import.meta.url))

t.test('cp1251.csv: no mojibake, and a note that names the encoding', async (t) => {
  const { text, notes } = decodeText(bytesOf('cp1251.csv'))
  t.match(text, /[а-я]{4}/i)
  t.notMatch(text, /[\u00c0-\u00ff\ufffd]/)
  t.match(notes, [/Windows-1251 \(Cyrillic\)/])
})
