/** The public door for authors of agents. */
export { type JsonBlob as StoredJson, jsonBlobSchema as storedJson } from '#schemas/blob.ts'
export {
  type AgentBlobs,
  type AgentContext,
  type AgentDefinition,
  type AgentLimits,
  defineAgent,
  done,
  fail,
  minutes,
  type Outcome,
  retry,
  seconds,
} from './define-agent.ts'
export { type AgentsContext, runAgent, runAgents } from './run-agent.ts'
