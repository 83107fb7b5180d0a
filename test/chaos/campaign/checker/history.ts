import type { JsonValue } from '#schemas/json.ts'
import type { PlannedTask } from '../planned-task.ts'
import type { PlannedFault } from '../random-faults.ts'

/** What a client did and what came of it. `info`: it does not know whether it happened. */
export interface ClientNote {
  op: string
  act: 'submit' | 'repeat' | 'conflict' | 'cancel' | 'read'
  phase: 'invoke' | 'ok' | 'fail' | 'info'
  atMs: number
  taskId?: string
  duplicate?: boolean
  /** Of an answer that refuses, or of no answer. */
  code?: string
  status?: number
  message?: string
  /** Of a read. */
  read?: { status: string; rev: number; finishedAtMs?: number | undefined }
}

/** What a handler of an agent wrote down: it began, it had its effect, it is about to answer. */
export interface HandlerNote {
  kind: 'start' | 'effect' | 'end'
  atMs: number
  pid: number
  bornAtMs: number
  instance: string
  agent: string
  taskId: string
  stepId: string
  attempt: number
}

/** A process under test has begun or ended, or was frozen. */
export interface ProcessNote {
  kind: 'started' | 'ready' | 'ended' | 'frozen' | 'thawed'
  atMs: number
  instance: string
  role: 'orchestrator' | 'agent'
  version: 'current' | 'release'
  pid: number
  /** Of an end: whether it was asked for. */
  asked?: boolean
  how?: string
}

/** A fault as it really happened. */
export interface FaultNote {
  fault: PlannedFault
  beganAtMs: number
  endedAtMs: number
  /** Attempts in hand and tasks open when it began. */
  inHand: number
  open: number
  /** Of a stale restore: when the copy was taken. */
  copiedAtMs?: number
}

/** A message of the log, as it stands there at the end or stood there before it was purged. */
export interface LogNote {
  seq: number
  atMs: number
  partition: number
  kind: string
  agent?: string
  /** Undefined when it is no JSON. */
  body: JsonValue | undefined
}

/** One step of a task as the service answers. */
export interface AnsweredStep {
  status: string
  attempt: number
  output?: JsonValue
  error?: { code: string; message: string }
}

/** A task as the service answers. */
export interface AnsweredTask {
  id: string
  status: string
  rev: number
  seq: number
  createdAtMs: number
  startAtMs: number
  deadlineAtMs: number
  finishedAtMs?: number
  labels?: Record<string, string>
  steps: Record<string, AnsweredStep>
  output?: JsonValue
  error?: { code: string; message: string; stepId?: string }
}

/** A message under `dead.*`. */
export interface DeadNote {
  seq: number
  agent: string
  taskId?: string | undefined
  stepId?: string | undefined
  attempt?: number | undefined
}

/** Everything that is known of a run when it is over: what the checker judges by, and nothing else. */
export interface History {
  seed: number
  tasks: PlannedTask[]
  startedAtMs: number
  /** When the last fault was over. Everything has to come to its end from here on. */
  healedAtMs: number
  endedAtMs: number
  clients: ClientNote[]
  handlers: HandlerNote[]
  processes: ProcessNote[]
  faults: FaultNote[]
  /** All that it ever held, but for what went with a store that was restored. */
  log: LogNote[]
  /** Messages of it that were purged, and whether some had to be. */
  purged: number
  purges: boolean
  /** By task id; null: the service says that there is none; a text: it did not answer. */
  answers: Record<string, AnsweredTask | string | null>
  /** The states in Redis, by task id. */
  stored: Record<string, AnsweredTask>
  dead: DeadNote[]
}

/** A promise that was not kept. */
export interface Violation {
  /** Which of the invariants of the design, or `A…`/`B…` of the promises beside them. */
  rule: string
  taskId?: string | undefined
  what: string
}
