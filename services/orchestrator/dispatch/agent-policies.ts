import { randomUUID } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { LogReading, Publishing, Serving } from '#platform/nats/bus.ts'
import { FollowedStream } from '#platform/nats/followed-stream.ts'
import { putBack } from '#platform/nats/publish-after.ts'
import {
  type AgentDispatchView,
  type SetAgentPolicyRequest,
  type StoredPolicy,
  storedPolicySchema,
} from '#schemas/agent-policy.ts'
import { STREAMS } from '#subjects/streams.ts'
import { lastToken, SUBJECTS } from '#subjects/subjects.ts'
import { parseRange } from '#workflow/plan/version-range.ts'
import { type AgentPolicy, DEFAULT_POLICY, toPolicy } from './agent-policy.ts'
import type { Dispatcher } from './dispatcher.ts'

export interface AgentPoliciesDeps {
  bus: LogReading & Publishing & Serving
  /** The broker's. */
  clock: Pick<Clock, 'nowMs' | 'monotonicMs' | 'sleep'>
  dispatcher: () => Dispatcher
}

interface Known {
  stored: StoredPolicy
  policy: AgentPolicy
}

const PUBLISH_TIMEOUT_MS = 5000
/** Agent types with a policy of their own. */
const MAX_POLICIES = 1000
/** Of one policy, so that all of them fit into their stream. */
const MAX_POLICY_BYTES = 16 * 1024

/**
 * How each agent type is dispatched, as their stream says, in the memory of every orchestrator: one message changes all of them, and a
 * flushed Redis changes nothing.
 */
export class AgentPolicies implements Component {
  readonly name = 'agent policies'
  readonly #deps: AgentPoliciesDeps
  readonly #policies = new Map<string, Known>()
  readonly #followed: FollowedStream
  #ends: (() => void)[] = []

  constructor(deps: AgentPoliciesDeps) {
    this.#deps = deps
    this.#followed = new FollowedStream(deps, {
      stream: STREAMS.policies.name,
      subject: SUBJECTS.agentPoliciesAll,
      what: 'agent policies',
      onMessage: ({ data }) => this.#learn(data),
      onRefused: (message) =>
        void putBack(deps.bus, message, this.#policies.get(lastToken(message.subject))?.stored),
    })
  }

  /** Resolves when every policy of now is known: nothing is dispatched by another one meanwhile. @throws MurmurError UNAVAILABLE */
  async start(): Promise<void> {
    const { bus } = this.#deps
    await this.#followed.start()
    this.#ends = [
      bus.serve('setAgentPolicy', async (request) => ({ policy: await this.set(request) })),
      bus.serve('getAgentPolicies', async ({ agent }) => ({ agents: this.list(agent) })),
    ]
  }

  quiesce(): void {
    for (const end of this.#ends) end()
  }

  async stop(): Promise<void> {
    await this.#followed.stop()
  }

  of(agent: string): AgentPolicy {
    return this.#policies.get(agent)?.policy ?? DEFAULT_POLICY
  }

  /** Resolves when it is stored, and holds here; everywhere else within milliseconds. @throws MurmurError UNAVAILABLE, LIMIT_EXCEEDED, INVALID_REQUEST */
  async set({ agent, set = {}, unset = [], resetBreakers }: SetAgentPolicyRequest): Promise<StoredPolicy> {
    const before = this.#policies.get(agent)?.stored
    if (!before && this.#policies.size >= MAX_POLICIES)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `${MAX_POLICIES} agent types have policies of their own already`,
      )
    const noRange = Object.keys(set.versions ?? {}).find((text) => parseRange(text) === undefined)
    if (noRange !== undefined)
      throw new MurmurError(
        'INVALID_REQUEST',
        `the request is not valid: "${noRange}" is no range of versions`,
        {
          issues: [
            {
              path: 'set.versions',
              message: 'has a key that is no range, such as ^2, ~1.4, 1.x or >=1.4 <2',
            },
          ],
        },
      )
    const policy = { ...before?.policy, ...set }
    for (const name of unset) delete policy[name]
    const nowMs = this.#deps.clock.nowMs()
    const resetAtMs = resetBreakers ? nowMs : before?.resetAtMs
    const stored: StoredPolicy = {
      v: 1,
      agent,
      policy,
      updatedAtMs: nowMs,
      ...(resetAtMs !== undefined && { resetAtMs }),
    }
    const data = JSON.stringify(stored)
    if (Buffer.byteLength(data) > MAX_POLICY_BYTES)
      throw new MurmurError(
        'LIMIT_EXCEEDED',
        `a policy has ${MAX_POLICY_BYTES} bytes at most with all that it names`,
      )
    const { seq } = await this.#deps.bus.publisher.publish(SUBJECTS.agentPolicy(agent), data, {
      msgId: randomUUID(),
      giveUpAfterMs: PUBLISH_TIMEOUT_MS,
    })
    await this.#followed.until(seq)
    return stored
  }

  /** By name: those that have a policy, and those that something was dispatched of. */
  list(agent?: string): AgentDispatchView[] {
    const seen = new Map(this.#deps.dispatcher().agents())
    const names = [...new Set([...seen.keys(), ...this.#policies.keys()])].sort()
    return names
      .filter((name) => agent === undefined || name === agent)
      .map((name) => {
        const stored = this.#policies.get(name)?.stored
        const { waiting, out, breaker } = seen.get(name) ?? NOTHING
        const { state, calls, failureRate, slowRate, because } = breaker
        return {
          agent: name,
          policy: stored?.policy ?? {},
          ...(stored && { updatedAtMs: stored.updatedAtMs }),
          waiting,
          out,
          breaker: { state, calls, failureRate, slowRate, ...(because !== undefined && { because }) },
        }
      })
  }

  #learn(data: Uint8Array): void {
    const stored = readMessage(data, storedPolicySchema)
    if (!stored) return
    const before = this.#policies.get(stored.agent)
    this.#policies.set(stored.agent, { stored, policy: toPolicy(stored.policy) })
    if (before && stored.resetAtMs !== before.stored.resetAtMs)
      this.#deps.dispatcher().resetBreakers(stored.agent)
  }
}

const NOTHING = {
  waiting: 0,
  out: 0,
  breaker: { state: 'closed', calls: 0, failureRate: 0, slowRate: 0, because: undefined },
} as const
