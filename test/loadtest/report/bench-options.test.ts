import t from 'tap'
import { parseBenchOptions } from '../../../loadtest/report/bench-options.ts'

t.test('without arguments: a million rows of twenty columns, everything but the full profile', async (t) => {
  const { only, ...options } = parseBenchOptions([], {})
  t.match(options, { rows: 1_000_000, columns: 20, seed: 1, rounds: 1, json: false, python: 'python3' })
  t.strictSame(only, ['murmuration', 'duckdb', 'pandas', 'ydata-minimal'])
})

t.test('a gigabyte, by arguments', async (t) => {
  const options = parseBenchOptions(
    ['--json', '--rows', '10000000', '--columns', '12', '--timeoutSeconds', '60'],
    {},
  )
  t.match(options, { json: true, rows: 10_000_000, columns: 12, timeoutMs: 60_000 })
})

t.test('Python is the argument, else the variable', async (t) => {
  t.equal(parseBenchOptions([], { PYTHON: '/opt/python' }).python, '/opt/python')
  t.equal(parseBenchOptions(['--python', 'py'], { PYTHON: '/opt/python' }).python, 'py')
})

t.test('which contenders run', async (t) => {
  t.strictSame(parseBenchOptions(['--only', 'duckdb,murmuration'], {}).only, ['murmuration', 'duckdb'])
  t.strictSame(parseBenchOptions(['--only', 'duckdb', '--full'], {}).only, ['duckdb', 'ydata-full'])
  t.ok(parseBenchOptions(['--full'], {}).only.includes('ydata-full'))
})

t.test('what makes no sense is told', async (t) => {
  for (const argv of [
    ['--rows', '3'],
    ['--rows', '1e3.5'],
    ['--columns', '501'],
    ['--rounds', '0'],
    ['--only', 'excel'],
    ['--fast'],
  ])
    t.throws(() => parseBenchOptions(argv, {}), new RegExp(argv[0]!), argv.join(' '))
})
