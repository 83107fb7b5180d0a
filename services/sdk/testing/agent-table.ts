import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type AgentContext, type AnyAgentDefinition, defineAgent } from '../define-agent.ts'
import { done } from '../outcome.ts'

/**
 * What an agent is replaced by. It returns an outcome (`done`, `retry`, `fail`) or simply the output; what it throws is what a handler
 * throws.
 */
export type TestHandler = (input: never, ctx: AgentContext) => unknown

/** The agents of a test environment, by name. */
export class AgentTable {
  readonly #agents = new Map<string, AnyAgentDefinition>()
  readonly #started = new Map<AnyAgentDefinition, Promise<void>>()

  /** @throws TypeError when there are two of one name */
  constructor(agents: readonly AnyAgentDefinition[]) {
    for (const agent of agents) {
      if (this.#agents.has(agent.name)) throw new TypeError(`there are two agents named "${agent.name}"`)
      this.#agents.set(agent.name, agent)
    }
  }

  /** Puts a function in the place of an agent, whose schemas and limits stay; of one that is not there, makes one that takes anything. */
  replace(name: string, handler: TestHandler): void {
    const known = this.#agents.get(name)
    const agent: AnyAgentDefinition =
      known ??
      (defineAgent({
        name,
        input: z.unknown(),
        output: z.unknown(),
        handle: () => done(null),
      }) as AnyAgentDefinition)
    const { start: _start, stop: _stop, ...rest } = agent
    this.#agents.set(name, {
      ...rest,
      handle: async (input, ctx) => asOutcome(await handler(input, ctx)),
    })
  }

  /** Every name, sorted. */
  get names(): string[] {
    return [...this.#agents.keys()].sort()
  }

  /** @throws MurmurError UNKNOWN_AGENT, which says how it is added */
  find(name: string): AnyAgentDefinition {
    const agent = this.#agents.get(name)
    if (agent) return agent
    const there = this.names.length === 0 ? 'it has none' : `it has ${this.names.join(', ')}`
    throw new MurmurError(
      'UNKNOWN_AGENT',
      `no agent of type "${name}" is in this test environment (${there}): give it to createTestEnvironment({ agents: […] }), or put a function in its place with env.agent("${name}", async (input) => …)`,
    )
  }

  /** Calls the agent's `start`, once. @throws what it throws */
  start(agent: AnyAgentDefinition): Promise<void> {
    const started = this.#started.get(agent) ?? Promise.resolve(agent.start?.())
    this.#started.set(agent, started)
    return started
  }

  /** Calls `stop` of those that were started. @throws what one of them throws */
  async stop(): Promise<void> {
    const started = [...this.#started.keys()]
    this.#started.clear()
    await Promise.all(started.map((agent) => agent.stop?.()))
  }
}

/** Exactly what `done`, `retry` and `fail` give is an outcome; anything else is an output, and nothing at all is null. */
function asOutcome(returned: unknown): unknown {
  return isOutcome(returned) ? returned : { kind: 'done', output: returned ?? null }
}

function isOutcome(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { kind, error } = value as Record<string, unknown>
  if (kind === 'done') return Object.hasOwn(value, 'output') && Object.keys(value).length === 2
  return (kind === 'retry' || kind === 'fail') && typeof error === 'object' && error !== null
}
