import { runAgent } from '#sdk/index.ts'
import { analysisAgent } from './analysis/agent.ts'
import { apiCallerAgent } from './api-caller/agent.ts'
import { ingestAgent } from './ingest/agent.ts'
import { synthesisAgent } from './synthesis/agent.ts'

// All built-in agents in one process: what local mode runs. A cluster runs each by itself, to scale them apart.
await runAgent(ingestAgent, analysisAgent, synthesisAgent, apiCallerAgent)
