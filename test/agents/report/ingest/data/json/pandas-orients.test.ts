import fc from 'fast-check'
import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { labelledTableOf } from '../../../../../../services/agents/report/ingest/data/json/pandas-orients.ts'

/** A data frame of rows, and what pandas 3.1 writes of it: `DataFrame(records, index=labels).to_json(orient=…)`. */
interface Frame {
  labels: string[]
  records: JsonObject[]
}

const columnsOf = ({ records }: Frame) => Object.keys(records[0]!)
const byColumn = (frame: Frame) =>
  Object.fromEntries(
    columnsOf(frame).map((column) => [
      column,
      Object.fromEntries(frame.labels.map((label, i) => [label, frame.records[i]![column]!])),
    ]),
  )
const byIndex = ({ labels, records }: Frame) =>
  Object.fromEntries(labels.map((label, i) => [label, records[i]!]))
const split = (frame: Frame) => ({
  columns: columnsOf(frame),
  index: frame.labels.map((label) => (/^\d+$/.test(label) ? Number(label) : label)),
  data: frame.records.map((record) => Object.values(record)),
})
const schema = ({ labels, records }: Frame) => ({
  schema: { fields: [{ name: 'index', type: 'integer' }], primaryKey: ['index'], pandas_version: '1.4.0' },
  data: records.map((record, i) => ({ index: Number(labels[i]), ...record })),
})

const plain = (records: readonly JsonObject[] | undefined) => records?.map((record) => ({ ...record }))
const read = (value: JsonValue) => plain(labelledTableOf(value as JsonObject)?.records)

const counted: Frame = {
  labels: ['0', '1', '2', '3'],
  records: [1.5, null, 3, 4].map((v, i) => ({ date: `2024-01-0${i + 1}`, v, group: i % 2 ? 'b' : 'a' })),
}

t.test('every orient gives the rows back, without an index that only counts', async (t) => {
  for (const write of [byColumn, byIndex, split, schema]) t.strictSame(read(write(counted)), counted.records)
})

t.test('an index with a meaning is a column', async (t) => {
  const dated = {
    labels: ['2024-01-01', '2024-01-02', '2024-01-03'],
    records: [{ v: 1 }, { v: 2 }, { v: 3 }],
  }
  const expected = dated.records.map((record, i) => ({ index: dated.labels[i], ...record }))
  for (const write of [byColumn, byIndex, split]) t.strictSame(read(write(dated)), expected)
  const instants = { ...dated, labels: dated.labels.map((label) => String(Date.parse(label))) }
  const asDates = dated.records.map((record, i) => ({ date: dated.labels[i], ...record }))
  for (const write of [byColumn, byIndex, split]) t.strictSame(read(write(instants)), asDates)
})

t.test('columns of names as objects', async (t) => {
  const value = { fields: [{ name: 'a' }, { id: 'b' }], rows: [[1, 'x']], total: 1 }
  t.match(labelledTableOf(value), { records: [{ a: 1, b: 'x' }], keys: ['rows', 'fields'] })
})

t.test('other objects are none', async (t) => {
  for (const value of [
    {},
    { a: 1 },
    { a: { x: 1 }, b: { x: 2 }, c: { y: 3 } },
    { data: [[1, 2]], columns: ['one'] },
    { meta: { name: 'x', size: 1 }, other: { name: 'y', size: 2 } },
    { a: { deep: { x: 1 } } },
  ]) {
    t.equal(labelledTableOf(value as JsonObject), undefined, JSON.stringify(value))
  }
})

t.test('any frame with counted rows comes back from columns, index, split and table', async () => {
  const cell = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(null))
  const frames = fc
    .tuple(
      fc.integer({ min: 2, max: 30 }),
      fc.uniqueArray(fc.stringMatching(/^[a-z]{1,6}$/), { minLength: 1, maxLength: 6 }),
    )
    .chain(([rows, names]) =>
      fc.array(fc.record(Object.fromEntries(names.map((name) => [name, cell]))), {
        minLength: rows,
        maxLength: rows,
      }),
    )
  fc.assert(
    fc.property(frames, (rows) => {
      const records = rows.map((record) => ({ ...record })) as JsonObject[]
      const frame = { labels: records.map((_, i) => String(i)), records }
      return [byColumn, byIndex, split, schema].every(
        (write) => JSON.stringify(read(write(frame))) === JSON.stringify(records),
      )
    }),
    { numRuns: 50 },
  )
})
