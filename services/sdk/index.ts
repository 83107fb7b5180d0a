/** The public door for authors of agents. */
export {
  type AgentBlobs,
  type AgentContext,
  type AgentDefinition,
  type AgentLimits,
  defineAgent,
  minutes,
  seconds,
} from './define-agent.ts'
export { done, fail, InvalidOutcomeError, type Outcome, retry } from './outcome.ts'
export { type AgentsContext, runAgent, runAgents } from './run-agent.ts'
