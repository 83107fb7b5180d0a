import type { Plan } from '../../../schemas/plan.ts'

const child = { steps: [{ id: 'inner', agent: 'double', input: { n: 4 } }] }

/** A fan-out over two items, a step that is tried twice, and a child task. */
export const REST_PLAN: Plan = {
  steps: [
    { id: 'list', agent: 'numbers', input: { count: 2 } },
    {
      ...{ id: 'map', agent: 'double', needs: ['list'], input: { n: { $from: 'item.n' } } },
      forEach: { items: { $from: 'steps.list.output.list' } },
    },
    {
      ...{ id: 'again', agent: 'broken', input: { name: 'rest', code: 'NOT_YET', good: 2 } },
      retry: { maxAttempts: 3, initialDelayMs: 10 },
    },
    { id: 'below', task: { type: 'plan', plan: child } },
  ],
}

export const REST_TREE = `
`

/** What is done is undone, because of the step that fails. */
export const UNDONE_PLAN: Plan = {
  steps: [
    {
      ...{ id: 'booked', agent: 'double', input: { n: 1 } },
      compensate: { agent: 'undo', input: { what: 'booked', of: { $from: 'output' } } },
    },
    { id: 'fails', agent: 'broken', needs: ['booked'], input: { name: 'grpc' } },
  ],
}

export const UNDONE_TREE = `
`

/** A step that fails for good, and another that runs in its place. */
export const NATS_PLAN: Plan = {
  steps: [
    {
      ...{ id: 'first', agent: 'broken', input: { name: 'nats' } },
      fallback: { agent: 'double', input: { n: 3 } },
    },
  ],
}

export const NATS_TREE = `
`
