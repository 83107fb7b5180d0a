import { runAgents } from '#sdk/run-agent.ts'
import { createApiCallerAgent } from './agent.ts'

// By itself, to be scaled apart from the others.
await runAgents('api-caller', ({ metrics }) => [createApiCallerAgent({ metrics })], {
  metrics: ['api-caller'],
})
