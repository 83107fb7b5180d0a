import { runAgent } from '#sdk/index.ts'
import { analysisAgent } from './analysis/agent.ts'
import { ingestAgent } from './ingest/agent.ts'
import { synthesisAgent } from './synthesis/agent.ts'

// From files to a report, in one process: what the image of report agents runs. A cluster runs each by itself (MURMUR_AGENTS), to scale them apart.
await runAgent(ingestAgent, analysisAgent, synthesisAgent)
