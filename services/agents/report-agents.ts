import { chosenAgents } from '#sdk/chosen-agents.ts'
import { runAgents } from '#sdk/run-agent.ts'
import { apiCallerAgent } from './api-caller/agent.ts'
import { analysisAgent } from './report/analysis/agent.ts'
import { ingestAgent } from './report/ingest/agent.ts'
import { synthesisAgent } from './report/synthesis/agent.ts'

const AGENTS = [ingestAgent, analysisAgent, synthesisAgent, apiCallerAgent]

// All built-in agents in one process: what local mode runs. A cluster runs each by itself (MURMUR_AGENTS), to scale them apart.
await runAgents('agents', ({ config }) => {
  const chosen = chosenAgents(
    AGENTS.map((agent) => agent.name),
    config.agents,
  )
  return AGENTS.filter((agent) => chosen.includes(agent.name))
})
