import { runAgent } from '#sdk/index.ts'
import { synthesisAgent } from './agent.ts'

// By itself, to be scaled apart from the others.
await runAgent(synthesisAgent)
