import t from 'tap'
import { WatcherLimit } from '../../../services/edge/gateway/watcher-limit.ts'

t.test('as many as may watch do, and one more when one has left', async (t) => {
  const limit = new WatcherLimit('alerts', 2)
  const leave = limit.enter()
  limit.enter()
  t.throws(() => limit.enter(), {
    code: 'OVERLOADED',
    message: '2 clients watch alerts already',
    retryAfterMs: 5000,
  })
  leave()
  t.doesNotThrow(() => limit.enter())
  t.throws(() => limit.enter(), { code: 'OVERLOADED' })
})
