import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { taskAcceptedExample } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import { describeStep, planWarnings, stagesOf } from '#workflow/plan/plan-preview.ts'

t.test('a step is in the stage behind the last one that it needs', async (t) => {
  const step = (id: string, ...needs: string[]) => ({ id, agent: 'x', needs })
  t.strictSame(
    stagesOf({ steps: [step('d', 'b', 'c'), step('a'), step('b', 'a'), step('c'), step('e', 'd')] }),
    [['a', 'c'], ['b'], ['d'], ['e']],
  )
})

const HOUR_MS = 3_600_000
const warningsOf = (step: Partial<Step>, times: { deadlineMs?: number; delayMs?: number } = {}) =>
  planWarnings({
    ...taskAcceptedExample,
    deadlineMs: 900_000,
    ...times,
    plan: { steps: [{ id: 'a', agent: 'x', ...step }] },
  })

t.test('limits that contradict each other are told, others are not', async (t) => {
  t.strictSame(warningsOf({}), [])
  t.strictSame(warningsOf({ timeoutMs: 900_000, queueTimeoutMs: 900_000 }), [])
  t.match(warningsOf({ timeoutMs: HOUR_MS }), [/step "a" may run for 3600000 ms, .* after 900000 ms/])
  t.match(warningsOf({ queueTimeoutMs: HOUR_MS }), [/may wait for 3600000 ms/])
  t.match(warningsOf({ retry: { initialDelayMs: HOUR_MS } }), [/tried again after 3600000 ms/])
  t.strictSame(warningsOf({ retry: { initialDelayMs: HOUR_MS, maxAttempts: 1 } }), [])
  t.match(warningsOf({ timeoutMs: 500_000 }, { delayMs: 600_000 }), [/ends after 300000 ms/])
})

t.test('moments that a sleep names are compared with those of the task', async (t) => {
  const nowMs = Date.UTC(2031, 0, 1)
  const warned = (until: JsonValue) => {
    const plan = { steps: [{ id: 'a', sleep: { until } }] }
    return planWarnings({ ...taskAcceptedExample, plan, deadlineMs: HOUR_MS }, nowMs)
  }
  t.strictSame(warned(nowMs + 1), [])
  t.strictSame(warned({ $from: 'input.at' }), [], 'what is not known yet is not told')
  t.match(warned('2031-01-01T01:00:00Z'), [/"a" sleeps until 2031-01-01T01:00:00.000Z, the task ends at/])
  t.match(warned(nowMs), [/"a" sleeps until 2031-01-01T00:00:00.000Z, which has passed/])
})

t.test('there are never more than people read', async (t) => {
  const steps = Array.from({ length: 60 }, (_, i) => ({ id: `s${i}`, agent: 'x', timeoutMs: HOUR_MS }))
  const warnings = planWarnings({ ...taskAcceptedExample, plan: { steps } })
  t.equal(warnings.length, 21)
  t.match(warnings.at(-1), /40 more/)
})

t.test('what a step does, in a sentence', async (t) => {
  const cases: [step: Partial<Step>, text: string][] = [
    [{ agent: 'x' }, 'agent x'],
    [
      {
        agent: 'x',
        when: 'input.yes',
        onFailure: 'continue',
        fallback: { agent: 'y' },
        compensate: { agent: 'z' },
      },
      'if input.yes: agent x; if it fails, agent y instead; the plan goes on without it; undone by agent z',
    ],
    [
      { agent: 'x', forEach: { items: { $from: 'input.list' } } },
      'agent x for each item of input.list, 10 at a time',
    ],
    [
      { task: { type: 'report' }, repeat: { until: 'output', maxIterations: 3 } },
      'child task of type report until output, at most 3 times',
    ],
    [{ sleep: { ms: 5 } }, 'sleeps for 5 ms'],
    [{ waitFor: { signal: 'go', timeoutMs: 9 } }, 'waits for the signal go, at most 9 ms'],
    [{ approval: { title: 'May it?' } }, 'asks for approval: May it?'],
  ]
  for (const [about, text] of cases) t.equal(describeStep({ id: 'a', ...about }), text)
})

t.test(
  'times of steps that wait, loop or have children are compared with that of the task, too',
  async (t) => {
    const only = (step: Partial<Step>) => warningsOf({ agent: undefined, ...step })
    t.match(only({ sleep: { ms: HOUR_MS } }), [/sleeps for 3600000 ms/])
    t.match(only({ waitFor: { signal: 'go', timeoutMs: HOUR_MS } }), [/waits for 3600000 ms/])
    const escalation = [{ afterMs: 500, assignees: ['boss'] }]
    t.match(only({ approval: { title: 'x', timeoutMs: 400, escalation } }), [/escalated after 500 ms/])
    t.match(only({ task: { type: 'report', deadlineMs: HOUR_MS } }), [/child task of step "a" may take/])
    t.match(warningsOf({ repeat: { until: 'output', maxIterations: 3, delayMs: HOUR_MS } }), [
      /between its iterations/,
    ])
    t.strictSame(only({ sleep: { ms: 5 } }), [])
  },
)
