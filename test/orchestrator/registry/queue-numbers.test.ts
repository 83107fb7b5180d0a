import t from 'tap'
import type { AgentView } from '#schemas/agent.ts'
import { QueueNumbers } from '../../../services/orchestrator/registry/queue-numbers.ts'
import { createManualClock } from '../../../services/platform/clock/manual-clock.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'

t.test(
  'each instance has a number of its own; the same again; one of the dead is given away anew',
  async (t) => {
    const clock = createManualClock()
    let views: AgentView[] = []
    const numbers = new QueueNumbers({ clock, list: async () => views })
    t.strictSame([await numbers.assign('x', 'a'), await numbers.assign('x', 'b')], [0, 1])
    t.equal(await numbers.assign('x', 'a'), 0)
    t.equal(await numbers.assign('y', 'c'), 0, 'each type has its own')
    views = [{ ...heartbeatOf('x', 'b', { queue: 1 }), lastSeenMs: 0 }]
    await clock.advance(11_000)
    t.strictSame(
      [await numbers.assign('x', 'd'), await numbers.assign('x', 'b')],
      [0, 1],
      'a is not heard of',
    )
    for (let i = 2; i < 16; i++) t.equal(await numbers.assign('x', `more-${i}`), i)
    t.equal(await numbers.assign('x', 'one-too-many'), undefined)
    views = [{ ...heartbeatOf('x', 'b', { queue: 1, status: 'stopped' }), lastSeenMs: 0 }]
  },
)

t.test('without a registry nobody gets one: what is for any is taken all the same', async (t) => {
  const list = async () => Promise.reject(new Error('away'))
  t.equal(await new QueueNumbers({ clock: createManualClock(), list }).assign('x', 'a'), undefined)
})
