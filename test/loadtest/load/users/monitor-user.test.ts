import t from 'tap'
import { monitorUser } from '../../../../loadtest/load/users/monitor-user.ts'
import { monitorRequestSchema } from '../../../../schemas/monitor-request.ts'
import { sampleWorld, walk } from './walk.ts'

const open = { id: 'a1', status: 'open' }
const script = {
  startMonitor: [{ taskId: 'm1' }],
  listAlerts: [{ alerts: [open, { id: 'a2', status: 'acknowledged' }] }, { alerts: [] }],
  getAlert: [open],
  acknowledgeAlert: [{ id: 'a1', status: 'acknowledged' }],
  stopMonitor: [null],
  watchTask: [{ status: 'completed' as const }],
}

t.test(
  'starts a monitor, reads and acknowledges what is open, stops it and waits for its summary',
  async (t) => {
    const { asks, unexpected } = walk(monitorUser, script)
    const ops = asks.map(({ op }) => op)
    t.strictSame(ops.slice(0, 4), ['startMonitor', 'listAlerts', 'getAlert', 'acknowledgeAlert'])
    t.strictSame(ops.slice(-2), ['stopMonitor', 'watchTask'])
    t.ok(ops.filter((op) => op === 'listAlerts').length >= 2, 'looks again')
    t.equal(unexpected, undefined)
    const [start] = asks
    t.ok(start?.op === 'startMonitor' && monitorRequestSchema.safeParse(start.request).success)
  },
)

t.test('where there is no room it joins one that runs, and stops nothing', async (t) => {
  const world = sampleWorld({ monitors: { running: ['m7'], hasRoom: false } })
  const { asks } = walk(monitorUser, script, world)
  t.notOk(asks.some(({ op }) => op === 'startMonitor' || op === 'stopMonitor'))
  t.match(asks[0], { op: 'listAlerts', monitor: 'm7' })
  const none = walk(monitorUser, script, sampleWorld({ monitors: { running: [], hasRoom: false } }))
  t.match(none.asks[0], { op: 'listAlerts', monitor: '' })
})

t.test('somebody else was first: that is no fault; a monitor that fails is', async (t) => {
  const taken = walk(monitorUser, { ...script, acknowledgeAlert: ['ALERT_STATE_CONFLICT'] })
  t.equal(taken.asks.at(-1)?.op, 'watchTask', 'goes on')
  const failed = walk(monitorUser, {
    ...script,
    watchTask: [{ status: 'failed' as const, code: 'SOURCE_UNAVAILABLE' }],
  })
  t.match(failed.unexpected, /monitor failed: SOURCE_UNAVAILABLE/)
})
