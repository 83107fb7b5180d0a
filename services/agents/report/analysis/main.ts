import { runAgent } from '#sdk/index.ts'
import { analysisAgent } from './agent.ts'

// By itself, to be scaled apart from the others.
await runAgent(analysisAgent)
