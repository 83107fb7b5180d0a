import { runAgents } from '#sdk/run-agent.ts'
import { analysisAgent } from './report/analysis/agent.ts'
import { ingestAgent } from './report/ingest/agent.ts'
import { synthesisAgent } from './report/synthesis/agent.ts'

// The agents of reports in one process: what local mode runs. What calls others with secrets is apart from what reads the files of strangers.
await runAgents('agents', () => [ingestAgent, analysisAgent, synthesisAgent])
