import { existsSync } from 'node:fs'
import t from 'tap'
import { processorTime, watchOthers } from '../../../../loadtest/peers/harness/disturbance.ts'

t.test('busy is all but idle and waiting; time of guests is in that of users already', async (t) => {
  t.strictSame(processorTime('cpu  100 200 300 4000 500 60 70 80 9000 0\ncpu0 1 2\n'), {
    busy: 8.1,
    total: 53.1,
  })
})

t.test('own work is not that of others', { skip: !existsSync('/proc/stat') && 'no /proc' }, async (t) => {
  const others = watchOthers()
  const endMs = performance.now() + 300
  while (performance.now() < endMs);
  const share = others()!
  t.ok(share >= 0 && share < 1, String(share))
})
