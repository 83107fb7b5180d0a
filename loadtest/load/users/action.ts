import type { BlobRef } from '../../../schemas/blob.ts'
import type { MonitorRequestInput } from '../../../schemas/monitor-request.ts'
import type { TaskStatus } from '../../../schemas/task.ts'
import type { FileName } from './files.ts'

/** What a user asks for; every one of them is there over REST and over gRPC. */
export type Ask =
  | { op: 'upload'; file: FileName }
  | { op: 'submit'; submission: object }
  | { op: 'getTask'; taskId: string }
  | { op: 'watchTask'; taskId: string }
  | { op: 'getResult'; taskId: string }
  | { op: 'listArtifacts'; taskId: string }
  | { op: 'download'; blob: string }
  | { op: 'listTasks' }
  | { op: 'cancelTask'; taskId: string }
  | { op: 'startMonitor'; request: MonitorRequestInput }
  | { op: 'stopMonitor'; taskId: string }
  | { op: 'listAlerts'; monitor: string }
  | { op: 'getAlert'; id: string }
  | { op: 'acknowledgeAlert'; id: string }
  | { op: 'getStatus' }
  | { op: 'listAgents' }
  /** A submission whose client is gone before the answer, after so many milliseconds; or half of an upload. */
  | { op: 'vanish'; submission: object; afterMs: number }
  | { op: 'vanishUpload'; file: FileName }
export type Op = Ask['op']

export interface SeenTask {
  readonly status: TaskStatus
  readonly code?: string | undefined
}

export interface SeenAlert {
  readonly id: string
  readonly status: string
}

/** What comes back, by what was asked for. */
export interface Gains {
  upload: BlobRef
  submit: { taskId: string }
  getTask: SeenTask
  watchTask: SeenTask
  getResult: { bytes: number }
  listArtifacts: { blobs: string[] }
  download: { bytes: number }
  listTasks: { tasks: number }
  cancelTask: null
  startMonitor: { taskId: string }
  stopMonitor: null
  listAlerts: { alerts: SeenAlert[] }
  getAlert: SeenAlert
  acknowledgeAlert: SeenAlert
  getStatus: null
  listAgents: { types: string[] }
  vanish: null
  vanishUpload: null
}

/** What a user hears: what was asked for, or the code that it was answered with. */
export type Answer =
  | { ok: true; gain: Gains[Op] }
  /** Refused for now, more often than a user puts up with. */
  | { ok: false; kind: 'refused'; code: string }
  | { ok: false; kind: 'error'; code: string }
  /** One of the codes that are as good as an answer. */
  | { ok: false; kind: 'taken'; code: string }

/** Names a task from one end to the other in the figures. */
export const TASK_KINDS = [
  'small report',
  'large report',
  'monitor',
  'three-step task',
  'failing task',
  'probe',
] as const
export type TaskKind = (typeof TASK_KINDS)[number]

/** How tasks of a user are to end: anything else is a failure. */
export type ExpectedEnd = 'completed' | 'failed' | 'cancelled' | 'any'

/** What a user does next. */
export type Action =
  | {
      do: 'ask'
      ask: Ask
      /** Codes that are as good as an answer here, because the question was asked to be refused, or somebody else was first. */
      takes?: readonly string[]
      /** Of a submission: what becomes of its task. */
      task?: { kind: TaskKind; ends: ExpectedEnd }
      /** Of what tells the end of a task: it is measured from its submission to there. */
      endsTask?: TaskKind
    }
  | { do: 'think'; ms: number }
  /** It is over. `unexpected` says what was not as it should be; it counts as a failure. */
  | { do: 'end'; unexpected?: string }

/** A state, and what is done in it. */
export interface Turn<State> {
  readonly state: State
  readonly action: Action
}

/** What a user knows of the world when it begins. */
export interface World {
  /** A new draw from 0 to 1 each time. */
  readonly draw: () => number
  /** Unique among all users and runs. */
  readonly name: string
  /** Monitors that run; a new one may be started where there is room. */
  readonly monitors: { readonly running: readonly string[]; readonly hasRoom: boolean }
  /** A task that somebody has submitted not long ago. */
  readonly recentTask: string | undefined
  /** How long a monitor lasts. Milliseconds. */
  readonly monitorMs: number
  /** The agent types of the deployment. */
  readonly agents: ReadonlySet<string>
}

/**
 * What a user does, as a state machine: `start` and `next` are pure functions of the state, of what came of the last action, and of draws.
 */
export interface Activity<State> {
  readonly name: string
  start(world: World): Turn<State>
  /** @param answer of an `ask`; undefined after a thought */
  next(state: State, answer: Answer | undefined, world: World): Turn<State>
}

/** An activity whose state nobody else looks into. */
export type AnyActivity = Activity<unknown>

/** The answer to a question that was asked as this one. @throws TypeError when nothing came, which the caller has ruled out */
export function gainOf<Kind extends Op>(_op: Kind, answer: Answer | undefined): Gains[Kind] {
  if (!answer?.ok) throw new TypeError('there is no answer')
  return answer.gain as Gains[Kind]
}

/** Ends an activity whose question was not answered: what was refused is no fault, an error has been counted where it happened. */
export function isLost(answer: Answer | undefined): boolean {
  return answer !== undefined && !answer.ok && answer.kind !== 'taken'
}
