import t from 'tap'
import { parseRange } from '#workflow/plan/version-range.ts'
import {
  isAlive,
  loadOf,
  namesOf,
  takesWork,
  whyNot,
} from '../../../services/orchestrator/dispatch/agent-instance.ts'
import { agentInstance } from '../../support/dispatch-fixture.ts'

const one = (about: Parameters<typeof agentInstance>[1] = {}) =>
  agentInstance('a', { heardAtMs: 10_000, version: '2.1.0', capabilities: ['gpu'], ...about })

t.test('an instance gets nothing for one reason, which is said', async (t) => {
  t.equal(whyNot(one(), 10_000), undefined)
  t.equal(whyNot(one(), 13_000), 'it is silent', 'after three heartbeats')
  t.equal(whyNot(one({ status: 'draining' }), 10_000), 'it is draining')
  t.equal(whyNot(one({ isDrained: true, status: 'draining' }), 10_000), 'it is drained by an operator')
  t.equal(whyNot(one({ blockedMs: 3000 }), 10_000), 'its event loop stands still')
  t.equal(whyNot(one({ admits: false }), 10_000), 'its circuit breaker is open')
  t.equal(whyNot(one(), 10_000, { range: parseRange('^3')! }), 'its version 2.1.0 is not in ^3')
  t.equal(whyNot(one(), 10_000, { range: parseRange('^2')!, needs: ['gpu', 'ocr'] }), 'it has no "ocr"')
})

t.test('who takes work by itself need not be admitted, and load counts what others sent', async (t) => {
  t.ok(takesWork(one({ admits: false }), 10_000))
  t.notOk(takesWork(one({ status: 'draining' }), 10_000))
  t.ok(takesWork(one({ isDrained: true }), 10_000), 'it may not have heard of it yet')
  t.notOk(isAlive(one(), 13_000))
  t.equal(loadOf(one({ capacity: 4, ownInFlight: 1, othersInFlight: 2 })), 0.75)
})

t.test('of many instances some are named, and how many more there are', async (t) => {
  t.equal(namesOf(['a', 'b']), 'a, b')
  t.equal(namesOf('abcdefghij'.split('')), 'a, b, c, d, e, f, g, h and 2 more')
})
