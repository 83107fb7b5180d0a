import type { AgentHeartbeat } from '#schemas/agent.ts'
import { type InstanceRequirement, meetsRequirement } from '#workflow/plan/agent-requirement.ts'
import { ANY_VERSION } from '#workflow/plan/version-range.ts'

/** An instance of an agent type, as it is chosen by. Times are of one monotonic clock. Milliseconds. */
export interface AgentInstance {
  id: string
  version: string
  capabilities: readonly string[]
  /** Steps it works on at the same time. */
  capacity: number
  /** Steps that this orchestrator has sent to it and that have not ended. Exact. */
  ownInFlight: number
  /** Steps that others have sent to it, as its last heartbeat lets suppose. */
  othersInFlight: number
  status: AgentHeartbeat['status']
  /** When its last heartbeat was heard. */
  heardAtMs: number
  /** How long its event loop had stood still by then. */
  blockedMs: number
  /** Its circuit breaker lets work through, */
  admits: boolean
  /** but only a few steps to try it, which have to be sent to it by name. */
  onTrial: boolean
  /** It takes steps that name it. */
  hasOwnQueue: boolean
  /** The number of that queue. */
  queue?: number | undefined
  /** An operator drains it. */
  isDrained: boolean
  /** It obeys when it is told to take no new steps. */
  obeysCordons: boolean
}

/** What a step asks of an instance: a range of versions, capabilities. */
export type Requirements = Partial<InstanceRequirement>

/** Three heartbeats: who is silent for longer gets nothing. */
export const FRESH_HEARTBEAT_MS = 3000
/** A loop that stands still for so long counts as hung. */
const HUNG_MS = 3000
/** What an instance is sent beyond its free slots, so that the next step is there when one ends. A share of its capacity. */
const SENT_AHEAD = 0.25

/** Why an instance gets no step just now; undefined: it may have one. Pure. */
export function whyNot(
  instance: AgentInstance,
  nowMs: number,
  { range = ANY_VERSION, needs = [] }: Requirements = {},
): string | undefined {
  if (!isAlive(instance, nowMs)) return 'it is silent'
  if (instance.isDrained) return 'it is drained by an operator'
  if (instance.status !== 'ready') return `it is ${instance.status}`
  if (instance.blockedMs >= HUNG_MS) return 'its event loop stands still'
  if (!instance.admits) return 'its circuit breaker is open'
  if (!meetsRequirement(instance, { range })) return `its version ${instance.version} is not in ${range.text}`
  const missing = needs.find((need) => !instance.capabilities.includes(need))
  return missing === undefined ? undefined : `it has no "${missing}"`
}

/** Whether it takes steps from the queue of all instances by itself, whatever we think of it. */
export function takesWork(instance: AgentInstance, nowMs: number): boolean {
  return isAlive(instance, nowMs) && instance.status === 'ready' && instance.blockedMs < HUNG_MS
}

/** It is heard of. */
export function isAlive({ heardAtMs }: AgentInstance, nowMs: number): boolean {
  return nowMs - heardAtMs < FRESH_HEARTBEAT_MS
}

export function inFlightOf({ ownInFlight, othersInFlight }: AgentInstance): number {
  return ownInFlight + othersInFlight
}

/** In flight ÷ capacity. */
export function loadOf(instance: AgentInstance): number {
  return inFlightOf(instance) / instance.capacity
}

/** How many more steps it is sent. */
export function roomOf(instance: AgentInstance): number {
  return Math.max(0, Math.ceil(instance.capacity * (1 + SENT_AHEAD)) - inFlightOf(instance))
}

const MAX_NAMED = 8

/** Some instances, for people. */
export function namesOf(ids: readonly string[]): string {
  const more = ids.length > MAX_NAMED ? ` and ${ids.length - MAX_NAMED} more` : ''
  return ids.slice(0, MAX_NAMED).join(', ') + more
}
