import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Table, tableSchema } from '#schemas/document.ts'
import {
  parseJsonFile,
  parseNdjsonFile,
} from '../../../../../../services/agents/report/ingest/data/json/parse-json-file.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

const tablesOf = (value: unknown): Table[] =>
  parseJsonFile(utf8(JSON.stringify(value)), { name: 'a.json' }).tables

const values = (table: Table, name: string) => table.columns.find((column) => column.name === name)?.values

t.test('any JSON is tables of equal columns; rows are kept', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      for (const table of tablesOf(value)) {
        tableSchema.parse(table)
        if (!table.columns.every((column) => column.values.length === table.rows)) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: fc.integer(), b: fc.double({ noNaN: true, noDefaultInfinity: true }) }), {
        minLength: 1,
      }),
      (rows) => {
        const [table] = tablesOf(rows)
        return table!.rows === rows.length && values(table!, 'a')!.every((value, i) => value === rows[i]!.a)
      },
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, lines) => {
      try {
        return (lines ? parseNdjsonFile : parseJsonFile)(bytes, { name: 'a' }).tables.length >= 0
      } catch (error) {
        return error instanceof MurmurError
      }
    }),
  )
})
