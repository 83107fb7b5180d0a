import t from 'tap'
import { ProgressWatch } from '../../../services/orchestrator/partition/progress-watch.ts'

t.test('a partition is stuck when it has not moved for more than five seconds', async (t) => {
  const watch = new ProgressWatch(3, 1000)
  t.equal(watch.stuckMs(6000), 0)
  t.strictSame(watch.check(9, 6000), { ok: true, detail: 'partition 3 moves' })
  t.equal(watch.stuckMs(6001), 5001)
  t.strictSame(watch.check(9, 8400), {
    ok: false,
    detail: 'partition 3 has not moved for 7 s, 9 events wait',
  })
  watch.moved(8400)
  t.equal(watch.stuckMs(8401), 0)
})

t.test('it says what stood in the way last, as long as it does', async (t) => {
  const watch = new ProgressWatch(0, 0)
  watch.onTrouble('the store does not answer')
  watch.onTrouble('no space')
  t.match(watch.check(1, 6000).detail, /, 1 events wait: no space$/)
  watch.moved(6000)
  t.match(watch.check(1, 12_000).detail, /wait$/)
})
