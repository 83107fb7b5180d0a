import type { LineProcess } from './line-process.ts'
import type { PeerClient } from './peer-client.ts'

export type Report = (line: string) => void
/** As it comes, or with everything set so that a dead worker is noticed after about four seconds, which is what ours takes. */
export type Tuning = 'default' | 'tuned'

/** What can't be seen from figures: one cell each in the tables. */
export interface PeerAbout {
  /** How it was run, and what is on the disk before anybody is told so. */
  durability: string
  /** What decides about the recovery as it comes. */
  recoveryByDefault: string
  /** And tuned; undefined where there is nothing to tune. */
  recoveryTuned: string | undefined
  /** How a step gets to whoever does it. */
  step: string
  /** Whether a step that is done is done again when its worker dies. */
  continuation: string
  /** What can be asked about a task under way. */
  state: string
  /** What is checked of inputs and outputs, without code of one's own. */
  checks: string
  /** Retries and time limits of a step, without code of one's own. */
  attempts: string
  /** Plans with branches, lists, waiting; who writes them. */
  plans: string
}

export interface Peer {
  /** For `--only`. */
  readonly name: string
  readonly title: string
  readonly about: PeerAbout
  /**
   * Gets what it needs, where it is not there yet. @returns what was taken, with versions
   * @throws PeerMissing when it can't be had
   */
  install(report: Report): Promise<string>
  /** Starts servers and a client, but no worker: all in `dir`, on free ports of loopback. */
  start(options: StartOptions): Promise<RunningPeer>
}

export interface StartOptions {
  dir: string
  tuning: Tuning
  /** Steps that a worker has to be able to hold at the same time. */
  slots: number
  report: Report
}

export interface RunningPeer {
  readonly client: PeerClient
  /** Of everything but workers and the client. */
  serverPids(): number[]
  /** Ready for work when it resolves. */
  startWorker(): Promise<LineProcess>
  /** Ends what start() started. Workers are ended before it. */
  stop(): Promise<void>
}

/** It can't be had on this machine; the message says why. */
export class PeerMissing extends Error {}
