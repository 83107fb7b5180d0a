import t from 'tap'
import {
  dlqArguments,
  letterFilterOf,
  letterQueryOf,
  targetsOf,
} from '../../../../services/console/screens/dead-letters/letter-filter.ts'

const of = (state: Record<string, string>) => letterFilterOf((name) => state[name], 7_300_000)

t.test('the URL says the filter; nothing says none', async (t) => {
  t.equal(of({}), undefined)
  t.equal(of({ since: 'x' }), undefined)
  t.strictSame(of({ agent: 'a', type: 't', code: 'C' }), { agent: 'a', taskType: 't', code: 'C' })
  t.strictSame(of({ since: '1h' }), { createdFromMs: 3_660_000 }, 'to the minute')
  t.strictSame(letterQueryOf({ agent: 'a', createdFromMs: 5 }), { agent: 'a', createdFrom: '5' })
  t.strictSame(letterQueryOf(), {})
})

t.test('many numbers are several requests, a filter is one', async (t) => {
  t.strictSame(targetsOf({ filter: { agent: 'a' } }), [{ filter: { agent: 'a' } }])
  const seqs = Array.from({ length: 250 }, (_, at) => at + 1)
  const parts = targetsOf({ seqs })
  t.strictSame(
    parts.map((part) => part.seqs?.length),
    [100, 100, 50],
  )
  t.strictSame(
    parts.flatMap((part) => part.seqs),
    seqs,
  )
})

t.test('the command line for the same', async (t) => {
  t.strictSame(dlqArguments('replay', { seqs: [1, 2] }, 'r1'), [
    'dlq',
    'replay',
    '1',
    '2',
    '--request-id',
    'r1',
  ])
  t.strictSame(dlqArguments('purge', { filter: {} }), ['dlq', 'purge', '--all'])
  t.strictSame(
    dlqArguments('purge', { filter: { agent: 'a', code: 'C', taskType: 't', createdFromMs: 0 } }),
    [
      ...['dlq', 'purge', '--agent', 'a', '--task-type', 't', '--code', 'C'],
      ...['--since', '1970-01-01T00:00:00.000Z'],
    ],
  )
})
