/** The public door for authors of agents. */
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
