import t from 'tap'
import { admitSubmission } from '../../../services/sdk/testing/admit-submission.ts'
import { AgentTable } from '../../../services/sdk/testing/agent-table.ts'

const agents = new AgentTable([])
agents.replace('a', () => null)
const steps = [{ id: 's', agent: 'a', input: { $from: 'input.x' } }]
const admit = (submission: object, taskTypes = new Map()) =>
  admitSubmission(JSON.stringify(submission), { agents, taskTypes })

t.test('a plan with its times, as a submission has them', async (t) => {
  t.match(admit({ plan: { steps }, delayMs: 5 }), {
    type: 'plan',
    input: {},
    plan: { steps },
    deadlineMs: 900_005,
    delayMs: 5,
  })
  const made = admit({ type: 'mine', input: { x: 1 } }, new Map([['mine', () => ({ steps })]]))
  t.match(made, { type: 'mine', input: { x: 1 }, plan: { steps } })
})

t.test('what is refused is refused with the code of production', async (t) => {
  const refused: [object, string][] = [
    [{ type: 'plan' }, 'INVALID_SUBMISSION'],
    [{ plan: { steps }, unknown: 1 }, 'INVALID_SUBMISSION'],
    [{ plan: { steps }, deadlineMs: 5, delayMs: 5 }, 'INVALID_SUBMISSION'],
    [{ type: 'report' }, 'UNKNOWN_TASK_TYPE'],
    [{ plan: { steps: [...steps, ...steps] } }, 'PLAN_DUPLICATE_STEP'],
    [{ plan: { steps: [{ id: 's', agent: 'a', when: '1 +' }] } }, 'EXPRESSION_INVALID'],
    [{ plan: { steps: [{ id: 's', agent: 'a', compensate: { agent: 'b' } }] } }, 'UNKNOWN_AGENT'],
    [{ plan: { steps }, input: { x: 'x'.repeat(300_000) } }, 'PAYLOAD_TOO_LARGE'],
  ]
  for (const [submission, code] of refused) t.throws(() => admit(submission), { code }, code)
})
