import { runAgent } from '#sdk/index.ts'
import { apiCallerAgent } from './api-caller/agent.ts'
import { analysisAgent } from './report/analysis/agent.ts'
import { ingestAgent } from './report/ingest/agent.ts'
import { synthesisAgent } from './report/synthesis/agent.ts'

// All built-in agents in one process: what local mode runs.
await runAgent(ingestAgent, analysisAgent, synthesisAgent, apiCallerAgent)
