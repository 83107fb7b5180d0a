import t from 'tap'
import { planSchema } from '#schemas/plan.ts'
import type { Plan } from '../../../services/edge/grpc/generated/v1/task.ts'
import { Plan as PlanMessage } from '../../../services/edge/grpc/generated/v1/task.ts'
import { assertFinite, filled, planJson } from '../../../services/edge/grpc/plan-json.ts'
import { taskMessage } from '../../../services/edge/grpc/to-proto.ts'
import { taskState } from '../../support/task-states.ts'

const PLAN = planSchema.parse({
  compensationTimeoutMs: 5000,
  output: { a: [1, null] },
  steps: [
    {
      ...{ id: 'a', agent: 'x', when: 'input.n > 1', input: null, timeoutMs: 5, queueTimeoutMs: 0 },
      retry: { maxAttempts: 2, byCode: { BUSY: { maxAttempts: 5, factor: 1.5 }, NEVER: { maxAttempts: 1 } } },
      fallback: { agent: 'y', input: { e: { $from: 'error' } }, retry: { maxAttempts: 1 } },
      compensate: { agent: 'z', input: [1.5, null] },
      onFailure: 'continue',
    },
    {
      id: 'b',
      needs: ['a'],
      agent: 'x',
      forEach: { items: [1, null], concurrency: 3, onItemFailure: 'continue' },
    },
    { id: 'c', agent: 'x', repeat: { until: 'iteration > 2', maxIterations: 3, delayMs: 0 } },
    {
      id: 'd',
      task: {
        type: 'plan',
        input: { n: null },
        plan: { steps: [{ id: 'x', sleep: { ms: 1 } }] },
        deadlineMs: 9,
      },
    },
    { id: 'e', sleep: { until: { $from: 'input.at' } } },
    { id: 'f', waitFor: { signal: 'go', timeoutMs: 5, onTimeout: 'continue' } },
    {
      id: 'g',
      approval: {
        ...{
          title: 'Well?',
          description: 'd',
          subject: { n: 1 },
          editable: false,
          assignees: ['a'],
          timeoutMs: 9,
        },
        form: [
          { name: 'n', type: 'integer', label: 'N', required: true },
          { name: 'c', type: 'choice', choices: ['x'] },
        ],
        escalation: [{ afterMs: 1, assignees: ['b'] }],
        onTimeout: 'approve',
      },
    },
  ],
})

t.test('a plan with all that steps can be comes back from its message as it was', async (t) => {
  const { plan } = taskMessage(taskState('t', { plan: PLAN }))
  const back = PlanMessage.decode(PlanMessage.encode(plan!).finish())
  t.strictSame(planJson(back), JSON.parse(JSON.stringify(PLAN)))
})

t.test('numbers that JSON does not know are named with their place', async (t) => {
  const wrong: [step: object, path: string][] = [
    [{ input: [Number.NaN] }, 'plan.steps.0.input'],
    [{ forEach: { items: [Number.NaN] } }, 'plan.steps.0.forEach.items'],
    [{ sleep: { until: Number.NaN } }, 'plan.steps.0.sleep.until'],
    [{ approval: { subject: Number.NaN } }, 'plan.steps.0.approval.subject'],
    [{ fallback: { input: Number.NaN } }, 'plan.steps.0.fallback.input'],
    [{ compensate: { input: Number.NaN } }, 'plan.steps.0.compensate.input'],
    [{ task: { input: { n: Number.NaN } } }, 'plan.steps.0.task.input'],
    [{ task: { plan: { output: Number.NaN } } }, 'plan.steps.0.task.plan.output'],
  ]
  for (const [step, path] of wrong)
    t.throws(() => planJson({ steps: [step] }), { code: 'INVALID_SUBMISSION', issues: [{ path }] }, path)
  t.throws(() => assertFinite(Number.NaN, 'payload', 'INVALID_REQUEST'), {
    code: 'INVALID_REQUEST',
    message: /the request is not valid/,
  })
})

t.test('plans in plans have a bound', async (t) => {
  const nested = (levels: number): Plan =>
    levels === 0 ? { steps: [] } : { steps: [{ id: 'a', task: { type: 'plan', plan: nested(levels - 1) } }] }
  t.ok(planJson(nested(63)))
  t.throws(() => planJson(nested(64)), { code: 'JSON_TOO_DEEP' })
})

t.test('an empty list or map is none', async (t) => {
  t.equal(filled([]), undefined)
  t.equal(filled({}), undefined)
  t.equal(filled(undefined), undefined)
  t.strictSame(filled([0]), [0])
})
