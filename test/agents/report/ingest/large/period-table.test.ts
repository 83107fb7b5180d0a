import t from 'tap'
import { readLargeTableOf } from './read-large.ts'

const ROWS = 3_000
const day = (i: number) => new Date(Date.UTC(2015, 0, 1 + i)).toISOString().slice(0, 10)

async function periodsOf(header: string, row: (i: number, random: () => number) => string) {
  let state = 7
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  const rows = Array.from({ length: ROWS }, (_, i) => row(i, random))
  const { whole } = await readLargeTableOf(`${[header, ...rows].join('\n')}\n`)
  const { granularity, rows: periods, columns } = whole.periods!
  return { granularity, periods, columns: columns.map(({ name, kind }) => `${name}: ${kind}`) }
}

t.test('a series, panels and events stay what they are', async (t) => {
  t.same(await periodsOf('day,x', (i, random) => `${day(i)},${random()}`), {
    granularity: 'day',
    periods: ROWS,
    columns: ['day: temporal', 'x: number'],
  })
  for (const [name, entity] of [
    ['shop', (i: number) => `s${i % 6}`],
    ['shop_id', (i: number) => `${100 + (i % 6)}`],
  ] as const)
    t.same(
      await periodsOf(`day,${name},x`, (i, random) => `${day(Math.floor(i / 6))},${entity(i)},${random()}`),
      { granularity: 'day', periods: ROWS, columns: ['day: temporal', `${name}: category`, 'x: number'] },
    )
  const events = await periodsOf(
    'day,kind,x',
    (_, random) => `${day(Math.floor(random() * 300))},${'abc'[Math.floor(random() * 3)]},${random()}`,
  )
  t.same(events, {
    granularity: 'day',
    periods: 300,
    columns: ['day: temporal', 'x: number', 'row count: number'],
  })
})
