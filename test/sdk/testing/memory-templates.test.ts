import t from 'tap'
import type { Plan } from '#schemas/plan.ts'
import { createTestEnvironment, days } from '../../../services/sdk/testing.ts'
import { planAgents } from '../../support/plan-agents.ts'

const agents = planAgents({ undone: [], runs: new Map() })

t.test('templates: a task keeps its version; defaults fill its input', async (t) => {
  const plan: Plan = { steps: [{ id: 's', agent: 'double', input: { n: { $from: 'input.n' } } }] }
  const template = (preset: number) => ({
    ...{ name: 'doubled', plan, deadlineMs: days(2) },
    parameters: { n: { type: 'integer' as const, default: preset } },
  })
  const env = createTestEnvironment({ agents, templates: [template(1)] })
  const first = await env.submit({ template: 'doubled' })
  t.equal(env.template(template(5)), 2)
  const second = await env.submit({ template: 'doubled' })
  t.match(await first.result(), { output: { s: { n: 2 } }, task: { template: 'doubled@1' } })
  t.match(await second.result(), { output: { s: { n: 10 } }, task: { template: 'doubled@2' } })
  t.match(await (await env.submit({ template: 'doubled@1', input: { n: 4 } })).result(), {
    output: { s: { n: 8 } },
  })
  t.equal(first.state().deadlineAtMs - first.state().createdAtMs, days(2))
  await t.rejects(env.submit({ template: 'doubled', input: { m: 1 } }), { code: 'INVALID_SUBMISSION' })
  await t.rejects(env.submit({ template: 'doubled@3' }), { code: 'TEMPLATE_NOT_FOUND' })
  t.throws(() => env.template({ name: 'bad', plan: { steps: [] } }), { code: 'INVALID_REQUEST' })
})
