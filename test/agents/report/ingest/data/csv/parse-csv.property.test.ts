import fc from 'fast-check'
import t from 'tap'
import { tableSchema } from '#schemas/document.ts'
import { parseCsv } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { decodeText } from '../../../../../../services/agents/report/ingest/text/decode-text.ts'

const csv = (text: string) => parseCsv(text, { name: 'a.csv' })

t.test('any bytes are a table or a broken file', async () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .string({ unit: fc.constantFrom(...'",;\n\t|1.a# -€0'), maxLength: 200 })
      .map((text) => new TextEncoder().encode(text)),
  )
  fc.assert(
    fc.property(bytes, (content) => {
      try {
        const table = tableSchema.parse(csv(decodeText(content).text))
        return table.columns.every(({ values }) => values.length === table.rows)
      } catch (error) {
        return (error as { code?: string }).code === 'BROKEN_FILE'
      }
    }),
    { numRuns: 1000 },
  )
})

t.test('rows and numbers survive in English and German', async () => {
  const cents = fc.integer({ min: -10_000_000_00, max: 10_000_000_00 })
  fc.assert(
    fc.property(
      fc.array(cents, { minLength: 2, maxLength: 50 }),
      fc.constantFrom('en', 'de'),
      (amounts, locale) => {
        const format = new Intl.NumberFormat(locale, { minimumFractionDigits: 2 })
        const cells = amounts.map((amount) => `"${format.format(amount / 100)}"`)
        const rows = cells.map((cell, i) => `n${i}${locale === 'de' ? ';' : ','}${cell}`)
        const table = csv([locale === 'de' ? 'name;amount' : 'name,amount', ...rows].join('\n'))
        const values = table.columns[1]!.values
        return (
          table.rows === amounts.length && values.every((value, i) => (value as number) === amounts[i]! / 100)
        )
      },
    ),
  )
})
