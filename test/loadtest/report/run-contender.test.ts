import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Contender, contendersOf } from '../../../loadtest/report/contenders.ts'
import { runContender, runOf } from '../../../loadtest/report/run-contender.ts'
import { writeTable } from '../../../loadtest/report/write-table.ts'

const limits = { file: 'none.csv', timeoutMs: 60_000 }
const inNode = (script: string): Contender => ({
  name: 'duckdb',
  what: '',
  command: [process.execPath, '-e', script],
})
const contenders = contendersOf({ node: process.execPath, python: 'no-such-python', fullRows: 50 })
const named = (name: Contender['name']) => contenders.find((contender) => contender.name === name)!

t.test('our path and DuckDB read the same rows of the same file', async (t) => {
  const file = join(t.testdir(), 'orders.csv')
  writeTable(file, { rows: 300, columns: 9, seed: 1 })
  for (const name of ['murmuration', 'duckdb'] as const) {
    const run = await runContender(named(name), { ...limits, file })
    t.match(run, { status: 'done', rowsRead: 300 }, name)
    if (run.status !== 'done') continue
    t.ok(run.usage.peakMib > 20 && run.usage.peakMib < 2000, `${run.usage.peakMib} MiB`)
    t.ok(run.usage.cpuSeconds > 0 && Object.values(run.steps).every((seconds) => seconds >= 0))
  }
})

t.test('what is not on the machine is skipped, with the reason', async (t) => {
  t.match(await runContender(named('pandas'), limits), { status: 'skipped', reason: /no-such-python/ })
})

t.test('a process that fails, hangs or prints nothing is a result', async (t) => {
  t.match(await runContender(inNode('throw new Error("no disk")'), limits), {
    status: 'failed',
    reason: /code 1/,
  })
  t.match(await runContender(inNode('setInterval(() => {}, 1000)'), { ...limits, timeoutMs: 300 }), {
    status: 'failed',
    reason: 'not done within 0.3 s',
  })
  t.match(await runContender(inNode(''), limits), { status: 'failed', reason: 'it printed no result' })
  t.match(await runContender({ ...inNode(''), command: ['no-such-program'] }, limits), { status: 'failed' })
})

t.test('what a process prints before its answer does not matter', async (t) => {
  const usage = { cpuSeconds: 1, peakMib: 2 }
  t.match(runOf(`warning\n${JSON.stringify({ refused: 'too large', usage })}\n`, { wallSeconds: 3 }), {
    status: 'refused',
    reason: 'too large',
    wallSeconds: 3,
    usage,
  })
})

t.test('a file that is no table fails, and is not refused', async (t) => {
  const file = join(t.testdir(), 'empty.csv')
  writeFileSync(file, '')
  t.match(await runContender(named('murmuration'), { ...limits, file }), { status: 'failed' })
})
