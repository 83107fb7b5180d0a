import { runAgents } from '#sdk/run-agent.ts'
import { analysisAgent } from './report/analysis/agent.ts'
import { synthesisAgent } from './report/synthesis/agent.ts'

// The agents of reports but ingest, in one process: what local mode runs. Ingest has a process of its own: it parses files of strangers, and while this
// one computes it reads on. What calls others with secrets is apart from both.
await runAgents('agents', () => [analysisAgent, synthesisAgent])
