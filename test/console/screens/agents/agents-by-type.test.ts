import t from 'tap'
import type { AgentView } from '#schemas/agent.ts'
import { agentDispatchViewExample as EXAMPLE } from '#schemas/agent-policy.ts'
import {
  agentTypesOf,
  concernOf,
  drainStateOf,
} from '../../../../services/console/screens/agents/agents-by-type.ts'

const AGENT: AgentView = {
  type: 'ocr',
  instance: 'ocr-1',
  version: '1.0.0',
  capacity: 4,
  inFlight: 1,
  status: 'ready',
  startedAtMs: 1,
  lastSeenMs: 2,
}
const dispatch = (about: Partial<typeof EXAMPLE>) => ({ ...EXAMPLE, agent: 'ocr', policy: {}, ...about })
const typeOf = (agents: AgentView[], about?: Partial<typeof EXAMPLE>) =>
  agentTypesOf(agents, about ? [dispatch(about)] : [])[0]!

t.test('instances are put together by type, with versions and slots', async (t) => {
  const other = { ...AGENT, instance: 'ocr-0', version: '2.0.0', inFlight: 2, status: 'draining' as const }
  const types = agentTypesOf([AGENT, other, { ...AGENT, type: 'abc' }], [dispatch({ agent: 'zzz' })])
  t.strictSame(
    types.map(({ type }) => type),
    ['abc', 'ocr', 'zzz'],
  )
  const ocr = types[1]!
  t.match(ocr, { versions: ['1.0.0', '2.0.0'], capacity: 4, inFlight: 3, dispatch: undefined })
  t.strictSame(
    ocr.instances.map(({ instance }) => instance),
    ['ocr-0', 'ocr-1'],
  )
  t.strictSame(types[2]!.instances, [])
})

t.test(
  'what is drained and not heard of is told with its type; steps that wait for that are a concern',
  async (t) => {
    const mark = { sinceMs: 5, reason: 'more memory' }
    const drained = { ...AGENT, status: 'drained' as const, inFlight: 0, drain: mark }
    const drains = ['ocr-1', 'ocr-7'].map((instance) => ({ agent: 'ocr', instance, ...mark }))
    const [ocr, only] = agentTypesOf(
      [drained],
      [dispatch({ waiting: 3 })],
      [...drains, { ...drains[0]!, agent: 'xyz' }],
    )
    t.strictSame(
      ocr!.gone.map(({ instance }) => instance),
      ['ocr-7'],
    )
    t.match(ocr, { capacity: 0, inFlight: 0 })
    t.match(concernOf(ocr!), { tone: 'bad', text: '3 steps wait and no instance takes steps: 1 drained' })
    t.match(only, { type: 'xyz', instances: [], gone: [{ instance: 'ocr-1' }] })
    t.equal(concernOf(typeOf([drained, AGENT], { waiting: 3 })), undefined, 'another one works')
  },
)

t.test('a type that is paused drains until nothing of it runs', async (t) => {
  const paused = { policy: { paused: true } }
  t.equal(drainStateOf(typeOf([AGENT])), 'open')
  t.equal(drainStateOf(typeOf([AGENT], { out: 0 })), 'open')
  t.equal(drainStateOf(typeOf([AGENT], { ...paused, out: 0 })), 'draining')
  t.equal(drainStateOf(typeOf([{ ...AGENT, inFlight: 0 }], { ...paused, out: 2 })), 'draining')
  t.equal(drainStateOf(typeOf([{ ...AGENT, inFlight: 0 }], { ...paused, out: 0 })), 'drained')
})

t.test('what is wrong is told, the worst first', async (t) => {
  const closed = { state: 'closed' as const, calls: 1, failureRate: 0, slowRate: 0 }
  t.equal(concernOf(typeOf([AGENT], { breaker: closed, waiting: 9 })), undefined)
  t.equal(concernOf(typeOf([AGENT])), undefined)
  t.match(concernOf(typeOf([], { breaker: closed, waiting: 2 })), { tone: 'bad', text: /2 steps wait/ })
  t.match(concernOf(typeOf([AGENT], { breaker: { ...closed, state: 'open', because: 'half failed' } })), {
    tone: 'bad',
    text: 'half failed',
  })
  t.match(concernOf(typeOf([AGENT], { breaker: { ...closed, state: 'half-open' } })), { tone: 'warn' })
  t.match(concernOf(typeOf([{ ...AGENT, stuck: 2 }])), { tone: 'bad', text: /^2 handlers/ })
  t.match(concernOf(typeOf([{ ...AGENT, blockedMs: 2000 }])), { tone: 'warn', text: /^ocr-1/ })
})
