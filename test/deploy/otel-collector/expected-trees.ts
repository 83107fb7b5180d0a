// Lines of treeOf: name (kind, service) step#attempt outcome !error.
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
submitTask (server, edge)
  send tasks.submit (producer, edge)
    process tasks.submit.plan (consumer, orchestrator)
      invoke_workflow plan (internal, orchestrator) completed
        step broken (internal, orchestrator) again#2 completed
          send steps.broken (producer, orchestrator) again#1
            process steps.broken (consumer, agents) again#1 retry !NOT_YET
              send log.{partition}.result (producer, agents) again#1
                process log.{partition}.result (consumer, orchestrator) again#1 retry
          send steps.broken (producer, orchestrator) again#2
            process steps.broken (consumer, agents) again#2 done
              send log.{partition}.result (producer, agents) again#2
                process log.{partition}.result (consumer, orchestrator) again#2 done
        step control (internal, orchestrator) below#1 completed
          process tasks.submit.plan (internal, orchestrator)
            invoke_workflow plan (internal, orchestrator) completed
              step double (internal, orchestrator) inner#1 completed
                send steps.double (producer, orchestrator) inner#1
                  process steps.double (consumer, agents) inner#1 done
                    send log.{partition}.result (producer, agents) inner#1
                      process log.{partition}.result (consumer, orchestrator) inner#1 done
        step double (internal, orchestrator) map#0 completed
          send steps.double (producer, orchestrator) map.0#1
            process steps.double (consumer, agents) map.0#1 done
              send log.{partition}.result (producer, agents) map.0#1
                process log.{partition}.result (consumer, orchestrator) map.0#1 done
          send steps.double (producer, orchestrator) map.1#1
            process steps.double (consumer, agents) map.1#1 done
              send log.{partition}.result (producer, agents) map.1#1
                process log.{partition}.result (consumer, orchestrator) map.1#1 done
        step numbers (internal, orchestrator) list#1 completed
          send steps.numbers (producer, orchestrator) list#1
            process steps.numbers (consumer, agents) list#1 done
              send log.{partition}.result (producer, agents) list#1
                process log.{partition}.result (consumer, orchestrator) list#1 done
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
submitTask (server, edge)
  send tasks.submit (producer, edge)
    process tasks.submit.plan (consumer, orchestrator)
      invoke_workflow plan (internal, orchestrator) failed !BROKEN
        step broken (internal, orchestrator) fails#1 failed !BROKEN
          send steps.broken (producer, orchestrator) fails#1
            process steps.broken (consumer, agents) fails#1 fail !BROKEN
              send log.{partition}.result (producer, agents) fails#1
                process log.{partition}.result (consumer, orchestrator) fails#1 fail
        step double (internal, orchestrator) booked#1 completed
          send steps.double (producer, orchestrator) booked#1
            process steps.double (consumer, agents) booked#1 done
              send log.{partition}.result (producer, agents) booked#1
                process log.{partition}.result (consumer, orchestrator) booked#1 done
          send steps.undo (producer, orchestrator) booked.compensate#1
            process steps.undo (consumer, agents) booked.compensate#1 done
              send log.{partition}.result (producer, agents) booked.compensate#1
                process log.{partition}.result (consumer, orchestrator) booked.compensate#1 done
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
process tasks.submit.plan (consumer, orchestrator)
  invoke_workflow plan (internal, orchestrator) completed
    step broken (internal, orchestrator) first#1 completed
      send steps.broken (producer, orchestrator) first#1
        process steps.broken (consumer, agents) first#1 fail !BROKEN
          send log.{partition}.result (producer, agents) first#1
            process log.{partition}.result (consumer, orchestrator) first#1 fail
      send steps.double (producer, orchestrator) first.fallback#1
        process steps.double (consumer, agents) first.fallback#1 done
          send log.{partition}.result (producer, agents) first.fallback#1
            process log.{partition}.result (consumer, orchestrator) first.fallback#1 done
`
