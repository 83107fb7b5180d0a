import t from 'tap'
import { MonitorPool } from '../../../../loadtest/load/generator/monitor-pool.ts'

t.test('no more monitors than there is room for, those that are being started included', async (t) => {
  const pool = new MonitorPool(2)
  t.ok(pool.hasRoom)
  pool.promise()
  pool.promise()
  t.notOk(pool.hasRoom, 'both are promised')
  pool.keep('m1')
  pool.keep(undefined)
  t.ok(pool.hasRoom, 'one was not to be had')
  t.strictSame(pool.running, ['m1'])
  pool.release('m1')
  t.strictSame(pool.running, [])
  t.notOk(new MonitorPool(0).hasRoom)
})
