import t from 'tap'
import type { TaskSummary } from '#schemas/task.ts'
import {
  actionsFor,
  boundMs,
  bulkFilterOf,
  filterOf,
  matches,
  queryOf,
} from '../../../../services/console/screens/tasks/task-filter.ts'

const NOW = Date.parse('2026-11-01T12:00:00Z')
const task: TaskSummary = {
  id: 'tabc',
  tenant: 'default',
  type: 'report',
  status: 'failed',
  labels: { team: 'north', 'a:b': 'c' },
  createdAtMs: NOW - 3_600_000,
  steps: { total: 2, completed: 1, failed: 1 },
  error: { code: 'BROKEN_FILE', message: 'not a table' },
}
const state = (found: Partial<Record<'status' | 'type' | 'label' | 'from' | 'before' | 'q', string[]>>) =>
  filterOf({ status: [], type: [], label: [], from: [], before: [], q: [], ...found })

t.test('what stands in the URL is a filter, a query and a filter of many', async (t) => {
  const filter = state({
    status: ['failed'],
    label: ['team:north', 'none', 'a\\:b:c'],
    from: ['24h'],
    before: ['2026-11-02'],
    q: [' table '],
  })
  t.strictSame(queryOf(filter, NOW), {
    status: 'failed',
    label: ['team:north', 'a\\:b:c'],
    text: 'table',
    createdFrom: String(NOW - 86_400_000),
    createdBefore: String(Date.parse('2026-11-02')),
  })
  t.strictSame(bulkFilterOf(filter, NOW), {
    status: 'failed',
    labels: { team: 'north', 'a:b': 'c' },
    text: 'table',
    createdFromMs: NOW - 86_400_000,
    createdBeforeMs: Date.parse('2026-11-02'),
  })
  t.equal(state({ status: ['no-such'] }).status, undefined)
  t.strictSame(bulkFilterOf(state({ q: ['x'] }), NOW), { text: 'x' }, 'a search alone is a filter, too')
  t.equal(bulkFilterOf(state({ q: [' '] }), NOW), undefined, 'all tasks are no filter')
  t.equal(boundMs('soon', NOW), undefined)
})

t.test('a task that came live is shown where the API would list it', async (t) => {
  const fits = (found: Parameters<typeof state>[0]) => matches(task, state(found), NOW)
  t.ok(fits({}))
  t.ok(fits({ status: ['failed'], type: ['report'], label: ['a\\:b:c'], from: ['2h'] }))
  t.notOk(fits({ status: ['running'] }))
  t.notOk(fits({ type: ['plan'] }))
  t.notOk(fits({ label: ['team:south'] }))
  t.notOk(fits({ from: ['15m'] }))
  t.notOk(fits({ before: ['2026-11-01'] }))
  t.ok(fits({ q: ['not a TABLE'] }))
  t.notOk(fits({ q: ['south'] }))
})

t.test('what may be done', async (t) => {
  t.strictSame(actionsFor('failed'), ['retry'])
  t.strictSame(actionsFor('running'), ['pause', 'cancel'])
  t.strictSame(actionsFor('compensating'), [])
})
