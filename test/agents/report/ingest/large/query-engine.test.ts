import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openQueryEngine } from '../../../../../services/agents/report/ingest/large/query-engine.ts'
import { freshFolder } from './read-large.ts'

t.test('SQL sees the files of its folder, no others, and nothing can change that', async (t) => {
  const [folder, other] = [freshFolder(), freshFolder()]
  for (const place of [folder, other]) writeFileSync(join(place, 'a.csv'), 'a\n1\n')
  const engine = await openQueryEngine({ folder, signal: new AbortController().signal })
  t.teardown(() => engine.close())
  t.same(await engine.rows(`SELECT a FROM read_csv('${folder}/a.csv')`), [[1]])
  for (const sql of [
    `SELECT * FROM read_csv('${other}/a.csv')`,
    `SELECT * FROM read_csv('${folder}/../${other.split('/').at(-1)}/a.csv')`,
    `COPY (SELECT 1) TO '${other}/b.csv'`,
    `ATTACH '${other}/b.db'`,
    'SET enable_external_access = true',
    `SET allowed_directories = ['${other}']`,
    'INSTALL httpfs',
  ])
    await t.rejects(engine.run(sql), sql)
})

t.test('functions of this process read cells; a throwing statement leaves the engine usable', async (t) => {
  const engine = await openQueryEngine({ folder: freshFolder(), signal: new AbortController().signal })
  t.teardown(() => engine.close())
  engine.addFunction('half', (text) => (text === '' ? null : Number(text) / 2))
  t.same(await engine.rows("SELECT half(x) FROM (VALUES ('3'), (''), (NULL)) AS v(x)"), [
    [1.5],
    [null],
    [null],
  ])
  await t.rejects(engine.run('SELECT nothing'), { code: 'BROKEN_FILE' })
  t.same(await engine.rows('SELECT 1'), [[1]])
})
