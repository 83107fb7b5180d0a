import { runAgents } from '#sdk/run-agent.ts'
import { createApiCallerAgent } from './api-caller/agent.ts'
import { analysisAgent } from './report/analysis/agent.ts'
import { ingestAgent } from './report/ingest/agent.ts'
import { synthesisAgent } from './report/synthesis/agent.ts'

// All built-in agents in one process: what local mode runs.
await runAgents(
  'agents',
  ({ metrics }) => [ingestAgent, analysisAgent, synthesisAgent, createApiCallerAgent({ metrics })],
  { metrics: ['api-caller'] },
)
