import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { textContentSchema } from '#schemas/document.ts'
import { buildTextContent } from '../../../../../services/agents/report/ingest/text/build-text-content.ts'
import { decodeText } from '../../../../../services/agents/report/ingest/text/decode-text.ts'
import { cpuGrowth, MAX_GROWTH } from '../../../../support/cpu-growth.ts'

t.test('the notes of the example', async (t) => {
  const text = readFileSync(new URL('../../../../../examples/report/notes.md', import.meta.url), 'utf8')
  const { content, notes } = buildTextContent(text, { markdown: true })
  t.equal(content.title, 'Notes for the climate briefing')
  t.strictSame(
    content.headings.map(({ level }) => level),
    [1, 2, 2],
  )
  t.strictSame(notes, [])
  const phrases = content.keyPhrases.map(({ phrase }) => phrase.toLowerCase())
  t.ok(
    phrases.some((phrase) => phrase.includes('sea ice')),
    phrases.join(', '),
  )
  t.ok(
    phrases.some((phrase) => phrase.includes('temperature anomaly')),
    phrases.join(', '),
  )
  t.ok(content.keySentences.length > 0)
  for (const sentence of content.keySentences) t.notMatch(sentence, /^[-#]/, sentence)
  t.ok(content.counts.words > 120 && content.counts.words < 150, `${content.counts.words} words`)
})

t.test('Markdown', async (t) => {
  const markdown = `---\ntitle: "Front"\ntags: a\n---\n\nTop\n===\n\n# A **bold** [link](http://x.y) #\n\n\`\`\`\n# no heading\n\`\`\`\n\n| a | b |\n|---|---|\n| the table row is here | no |\n\n- one entry that is long enough to count\n\nSub\n---\n`
  const { content } = buildTextContent(markdown, { markdown: true })
  t.equal(content.title, 'Front')
  t.strictSame(content.headings, [
    { level: 1, text: 'Top' },
    { level: 1, text: 'A bold link' },
    { level: 2, text: 'Sub' },
  ])
  t.strictSame(content.keySentences, ['one entry that is long enough to count'])
  t.notMatch(content.content, /tags/)
  t.equal(buildTextContent('---\nno settings', { markdown: true }).content.content, '---\nno settings')
})

t.test('languages without spaces are counted, and German is understood', async (t) => {
  const { content } = buildTextContent('今日は天気がいいです。明日は雨が降ります。', { markdown: false })
  t.equal(content.counts.sentences, 2)
  t.ok(content.counts.words >= 8)
  const german =
    'Die Wärmepumpe senkt den Verbrauch. Eine Wärmepumpe kostet mehr. Der Verbrauch der Wärmepumpe ist klein.'
  const phrases = buildTextContent(german, { markdown: false }).content.keyPhrases
  t.match(phrases[0]!.phrase, /Wärmepumpe/)
})

t.test('hostile texts take time in proportion', async (t) => {
  const hostile: [size: number, textOf: (size: number) => string][] = [
    [2_000_000, (size) => 'word '.repeat(size)],
    [500_000, (size) => '['.repeat(size)],
    [500_000, (size) => '*'.repeat(size)],
    [300_000, (size) => '# '.repeat(size)],
    [300_000, (size) => '- \n'.repeat(size)],
    [3_000_000, (size) => 'a'.repeat(size)],
    [200_000, (size) => Array.from({ length: size }, (_, i) => `w${i}`).join(' ')],
    [100_000, (size) => 'Short one here now. '.repeat(size)],
    [200_000, (size) => `${' '.repeat(size)}x`],
    [200_000, (size) => '_a'.repeat(size)],
    [200_000, (size) => '<a'.repeat(size)],
  ]
  for (const [size, textOf] of hostile) {
    const [quarter, whole] = [textOf(size / 4), textOf(size)]
    const read = (text: string) => buildTextContent(text, { markdown: true })
    t.ok(read(whole).content.content.length <= 1_000_000)
    const growth = await cpuGrowth({ quarter: () => read(quarter), whole: () => read(whole) })
    t.ok(growth < MAX_GROWTH, `× ${growth} for ${whole.slice(0, 12)}…`)
  }
})

t.test('any bytes give a text that is valid', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.boolean(), (bytes, markdown) => {
      const { text } = decodeText(bytes)
      textContentSchema.parse(buildTextContent(text, { markdown }).content)
      return text.isWellFormed() && !text.includes('\0') && !text.includes('\r')
    }),
  )
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => {
      textContentSchema.parse(buildTextContent(text, { markdown: true }).content)
    }),
  )
})
