import { parseMoment } from '#platform/clock/parse-moment.ts'
import type { AnyAgentDefinition } from '../define-agent.ts'
import type { PlanOfType } from './admit-submission.ts'
import type { TestTemplate } from './memory-templates.ts'

export interface TestEnvironmentOptions {
  /** The agents that plans name. Others can be added with `env.agent`. */
  agents?: readonly AnyAgentDefinition[]
  /** When time begins: Unix milliseconds, or ISO 8601 with a zone. By default 2026-01-01T00:00:00Z. */
  startAt?: number | string
  /** In front of the ids of tasks, which the spread of retries depends on: the same seed, the same history. By default `task`. */
  seed?: string
  tenant?: string
  /** How long a handler may take in real time before the test is told that it hangs. Milliseconds, by default 10,000. */
  realTimeoutMs?: number
  /** Which plan a task of another type than "plan" comes to, for child tasks of such a type. */
  taskTypes?: Readonly<Record<string, PlanOfType>>
  /** Templates that submissions name. Those of the same name are its versions 1, 2 …, in this order. */
  templates?: readonly TestTemplate[]
}

/** Unix ms. @throws RangeError */
export function momentOf(startAt: number | string): number {
  const atMs = typeof startAt === 'number' ? startAt : parseMoment(startAt)
  if (atMs !== undefined && Number.isInteger(atMs) && atMs >= 0) return atMs
  throw new RangeError(
    `startAt ${JSON.stringify(startAt)} is no moment: Unix milliseconds, or ISO 8601 with a zone (2026-03-01T00:00:00Z)`,
  )
}
