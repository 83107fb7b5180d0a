import t from 'tap'
import { requirementOf } from '#workflow/plan/agent-requirement.ts'
import type { AgentPolicy } from '../../../schemas/agent-policy.ts'
import { AgentDispatch, type QueuedStep } from '../../../services/orchestrator/dispatch/agent-dispatch.ts'
import { toPolicy } from '../../../services/orchestrator/dispatch/agent-policy.ts'
import { heartbeatOf } from '../../support/dispatch-fixture.ts'

const NOW_MS = 1000

function dispatchOf(policy: AgentPolicy = {}) {
  const dispatch = new AgentDispatch<QueuedStep>({ agent: 'x', onTransition: () => {} })
  dispatch.configure(toPolicy(policy), 1)
  let id = 0
  return {
    dispatch,
    hear: (instance: string, version: string, queue: number, about = {}) =>
      dispatch.instances.heard(
        { ...heartbeatOf('x', instance), version, queue, capacity: 4, inFlight: 0, ...about },
        NOW_MS,
      ),
    push(about: { version?: string; requires?: string[]; tenant?: string } = {}) {
      const { version, requires, tenant = 'default' } = about
      const requirements = requirementOf({
        ...(version && { version }),
        ...(requires && { requires }),
      })
      const placement = requirements && JSON.stringify([version, requires])
      const step: QueuedStep = {
        id: `${id++}`,
        tenant,
        key: '',
        priority: 1,
        isGone: false,
        requirements,
        placement,
      }
      dispatch.push(step)
      return step
    },
    release: () =>
      dispatch.release(NOW_MS).map(({ choice }) => (choice.to === 'any' ? 'any' : choice.instance)),
  }
}

t.test(
  'a step goes to an instance of its versions and capabilities, by name, under every strategy',
  async (t) => {
    for (const strategy of ['pull', 'round-robin', 'weighted', 'least-loaded', 'sticky'] as const) {
      const { hear, push, release } = dispatchOf({ strategy })
      hear('old', '1.2.0', 0)
      hear('new', '2.0.0', 1)
      hear('gpu', '2.1.0', 2, { capabilities: ['gpu'] })
      push({ version: '^1' })
      push({ version: '^2', requires: ['gpu'] })
      t.strictSame(release(), ['old', 'gpu'], strategy)
    }
  },
)

t.test('nobody of its kind: it waits, says why, and holds up nothing else', async (t) => {
  const { dispatch, hear, push, release } = dispatchOf()
  hear('old', '1.2.0', 0)
  const waiting = Array.from({ length: 1000 }, () => push({ version: '^2' }))
  push()
  push({ version: '^1' })
  t.strictSame(release().toSorted(), ['any', 'old'])
  t.equal(dispatch.waiting, 1000)
  t.match(dispatch.whyNobody(waiting[0]!, NOW_MS), /old: its version 1.2.0 is not in \^2/)
  hear('new', '2.0.0', 1)
  const sent = release()
  t.ok(sent.length > 0 && sent.every((instance) => instance === 'new'))
})

t.test('also on the queue of all nobody else may take it, though all that live now might', async (t) => {
  const { hear, push, release } = dispatchOf()
  hear('new', '2.0.0', 0)
  push({ version: '^2' })
  push()
  t.strictSame(release(), ['new', 'any'])
})

t.test('what nobody wants any more is dropped while it waits for an instance that never comes', async (t) => {
  const { dispatch, hear, push, release } = dispatchOf()
  hear('old', '1.2.0', 0)
  const steps = Array.from({ length: 10 }, () => push({ version: '^2' }))
  release()
  for (const step of steps) step.isGone = true
  release()
  t.equal(dispatch.waiting, 0)
})

t.test(
  'a share of versions: every fifth step goes to the new one; a step that names one gets it',
  async (t) => {
    const { dispatch, hear, push } = dispatchOf({ versions: { '1.x': 4, '2.x': 1 } })
    hear('old', '1.2.0', 0)
    hear('new', '2.0.0', 1)
    const counts = { old: 0, new: 0 }
    for (let i = 0; i < 100; i++) {
      push()
      for (const sent of dispatch.release(NOW_MS)) {
        if (sent.choice.to !== 'instance') throw new Error('it was not named')
        counts[sent.choice.instance as 'old' | 'new']++
        dispatch.end(sent, { verdict: 'good', usedMs: 1, instance: sent.choice.instance }, NOW_MS)
      }
    }
    t.strictSame(counts, { old: 80, new: 20 })
    push({ version: '1.x' })
    const [named] = dispatch.release(NOW_MS)
    t.match(named!.choice, { to: 'instance', instance: 'old' })
  },
)

t.test('handed back, it goes to another of its kind, and stays while there is none', async (t) => {
  const { dispatch, hear, push } = dispatchOf({ strategy: 'least-loaded' })
  hear('a', '2.0.0', 0)
  const step = push({ version: '^2' })
  const [sent] = dispatch.release(NOW_MS)
  hear('a', '2.0.0', 0, { status: 'stopped' })
  hear('old', '1.0.0', 2)
  t.equal(dispatch.placeInstead(step, NOW_MS), undefined)
  hear('b', '2.1.0', 1)
  const instead = dispatch.placeInstead(step, NOW_MS)
  t.match(instead, { queue: 1, choice: { instance: 'b' } })
  dispatch.handBack(sent!, NOW_MS, instead)
  t.match(sent, { queue: 1, choice: { instance: 'b' } })
  dispatch.end(sent!, { verdict: 'good', usedMs: 1, instance: 'b' }, NOW_MS)
  t.equal(dispatch.instances.get('b')!.ownInFlight, 0)
})
