import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import {
  fieldsOf,
  jsonRelation,
  parquetRelation,
  textType,
} from '../../../../../services/agents/report/ingest/large/json-relation.ts'
import { openQueryEngine } from '../../../../../services/agents/report/ingest/large/query-engine.ts'
import { freshFolder } from './read-large.ts'

const folder = freshFolder()
const engine = await openQueryEngine({ folder, signal: new AbortController().signal })
t.teardown(() => engine.close())

t.test('fields of objects within objects', async (t) => {
  t.same(fieldsOf({ name: 'a', sql: '"a"', type: 'BIGINT' }), [{ name: 'a', sql: '"a"', type: 'BIGINT' }])
  t.same(fieldsOf({ name: 'a', sql: '"a"', type: 'STRUCT(b BIGINT, "c, ""d" STRUCT(e DECIMAL(18,3)))' }), [
    { name: 'a.b', sql: `struct_extract("a", 'b')`, type: 'BIGINT' },
    {
      name: 'a.c, "d.e',
      sql: `struct_extract(struct_extract("a", 'c, "d'), 'e')`,
      type: 'DECIMAL(18,3)',
    },
  ])
})

t.test('everything but objects is text', async (t) => {
  t.equal(textType('BIGINT[]'), 'VARCHAR')
  t.equal(textType('STRUCT(b BIGINT, c STRUCT(d DATE)[])'), 'STRUCT("b" VARCHAR, "c" VARCHAR)')
})

t.test('records one a line and in an array are the same rows', async (t) => {
  const records = [
    '{"id": 1, "o": {"x": 1.50, "y": "p"}, "tags": [1, 2]}',
    '{"id": "two", "o": {"x": null}, "flag": true}',
  ]
  for (const [format, text] of [
    ['newline_delimited', records.join('\n')],
    ['array', `[${records.join(',')}]`],
  ] as const) {
    const path = join(folder, `${format}.json`)
    writeFileSync(path, text)
    const { sql, columns, losses } = await jsonRelation(engine, { path, format })
    t.same(
      columns.map(({ name }) => name),
      ['id', 'o.x', 'o.y', 'tags', 'flag'],
      format,
    )
    t.same(await engine.rows(sql), [
      ['1', '1.5', 'p', '[1,2]', null],
      ['two', null, null, null, 'true'],
    ])
    t.same(losses, [])
  }
})

t.test('a line that is no record is left out and told', async (t) => {
  const path = join(folder, 'broken.ndjson')
  writeFileSync(path, '{"a": 1}\n{"a": 2, \n{"a": 3}\n')
  const { sql, losses } = await jsonRelation(engine, { path, format: 'newline_delimited' })
  t.same(await engine.rows(sql), [['1'], ['3']])
  t.same(losses, ['1 line is no record and was left out.'])
})

t.test('columns of Parquet, binary ones left out', async (t) => {
  const path = join(folder, 'a.parquet')
  await engine.run(
    `COPY (SELECT 1.5::DOUBLE AS x, 'w' AS w, '\\x01'::BLOB AS b, TIMESTAMP '2024-01-02 03:04:05' AS at) TO '${path}' (FORMAT parquet)`,
  )
  const { sql, columns, losses } = await parquetRelation(engine, path)
  t.same(
    columns.map(({ name }) => name),
    ['x', 'w', 'at'],
  )
  t.same(await engine.rows(sql), [['1.5', 'w', '2024-01-02 03:04:05']])
  t.same(losses, ['1 binary column was left out.'])
})
