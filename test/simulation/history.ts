import type { JsonValue } from '#schemas/json.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import type { TaskState } from '#schemas/task.ts'
import type { Command, KeptItem } from '#workflow/decide/commands.ts'
import type { World } from './random-world.ts'
import type { Stored } from './simulated-broker.ts'

/** A command that some owner carried out. `about`: the attempt's dispatch id, or the child's id. */
export interface Emission {
  kind: Command['kind']
  taskId: string
  about: string
  atMs: number
}

/** What the store had of one partition at a moment. */
export interface Snapshot {
  partition: number
  /** The position up to which it was folded. */
  offset: number
  states: Map<string, TaskState>
  /** Outcomes of items, by task and step; undefined at the places that it does not have. */
  items: Map<string, (KeptItem['outcome'] | undefined)[]>
  /** Names of open approvals. */
  approvals: string[]
}

/** All that there is to judge a simulation by. */
export interface History {
  world: World
  logs: readonly LogEvent[][]
  steps: readonly Stored<StepMessage>[]
  dead: readonly Stored<string>[]
  emissions: readonly Emission[]
  snapshots: readonly Snapshot[]
  /** Tasks whose stored timer would go off too late. */
  lateTimers: readonly string[]
  /** A value, from the object store where it lies there. */
  load: (value: JsonValue | undefined) => JsonValue
  /** Since when nothing goes wrong any more. Virtual Unix ms. */
  healedAtMs: number
  endedAtMs: number
  /** How often an owner began where another had left off, or began anew. */
  takeovers: number
  /** It was given up: something goes on for ever. */
  isEndless: boolean
}
