/** The public API for authors of agents: what is exported here is the package's, with all of its types. */
import type { AnyAgentDefinition } from './define-agent.ts'
import { runAgents } from './run-agent.ts'

export type { HeldLock } from '#platform/locks/held-lock.ts'
export type { LockOptions, WaitOptions } from '#platform/locks/locks.ts'
export type { BlobRef } from '#schemas/blob.ts'
export { type JsonBlob as StoredJson, jsonBlobSchema as storedJson } from '#schemas/blob.ts'
export {
  type AgentBlobs,
  type AgentContext,
  type AgentDefinition,
  type AgentLimits,
  type AgentLocks,
  type AgentLog,
  type AnyAgentDefinition,
  defineAgent,
  type FileOptions,
  type LocalFile,
  minutes,
  seconds,
} from './define-agent.ts'
export { done, fail, InvalidOutcomeError, type Outcome, retry } from './outcome.ts'

/**
 * The main of a process that runs one agent or several: from the environment to the exit code. Resolves when they are ready;
 * SIGTERM or SIGINT ends them in order.
 */
export async function runAgent(...agents: AnyAgentDefinition[]): Promise<void> {
  await runAgents(agents.length === 1 ? agents[0]!.name : 'agents', () => agents)
}
