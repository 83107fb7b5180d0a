import t from 'tap'
import { sendWindow, type WindowFacts } from '../../../services/orchestrator/dispatch/send-window.ts'

const facts = (about: Partial<WindowFacts> = {}): WindowFacts => ({
  slots: 8,
  taken: 0,
  out: 0,
  orchestrators: 1,
  perSecond: 0,
  lagMs: 0,
  isSingleFlow: false,
  ...about,
})

t.test('a quarter more than there are slots, and what ends while the next is sent', async (t) => {
  t.equal(sendWindow(facts()), 10)
  t.equal(sendWindow(facts({ perSecond: 1000 })), 10 + 50)
  t.equal(
    sendWindow(facts({ perSecond: 1000, lagMs: 200 })),
    10 + 450,
    'a slow fold does not starve fast agents',
  )
  t.ok(sendWindow(facts({ isSingleFlow: true, perSecond: 1000 })) > 500, 'one order: nothing to decide late')
})

t.test('with others: its part, or what they leave free', async (t) => {
  t.equal(sendWindow(facts({ orchestrators: 4, taken: 8 })), 3)
  t.equal(sendWindow(facts({ orchestrators: 4, taken: 2, out: 2 })), 10, 'the others have nothing')
  t.equal(sendWindow(facts({ slots: 1, orchestrators: 4, taken: 1 })), 1, 'one at least, or nothing goes on')
})

t.test('agents that send no heartbeats are sent work all the same', async (t) => {
  t.equal(sendWindow(facts({ slots: 0 })), 1000)
})
