import { join } from 'node:path'
import type { LineCommand } from './line-process.ts'
import { LineProcess } from './line-process.ts'
import type { RunningPeer } from './peer.ts'
import { PeerClient } from './peer-client.ts'

/** A program of a peer; its log gets its name. */
export interface PeerProgram extends Omit<LineCommand, 'logFile'> {
  name: string
}

/** What starts a peer puts together: servers one after the other, then the client. What was started is ended in reverse, also when the rest can't be. */
export class PeerStack {
  readonly #dir: string
  readonly #stops: (() => Promise<void>)[] = []
  readonly #pids: (() => number | undefined)[] = []

  private constructor(dir: string) {
    this.#dir = dir
  }

  /** @param build starts servers, and says with what its worker and its client run */
  static async start(
    dir: string,
    build: (stack: PeerStack) => Promise<{ client: PeerProgram; worker: PeerProgram }>,
  ): Promise<RunningPeer> {
    const stack = new PeerStack(dir)
    try {
      const { client: clientProgram, worker } = await build(stack)
      const client = await PeerClient.start(stack.#command(clientProgram))
      stack.#stops.push(() => client.stop())
      return {
        client,
        serverPids: () => stack.#pids.flatMap((pid) => pid() ?? []),
        startWorker: () => new LineProcess(stack.#command(worker)).ready(),
        stop: () => stack.#stop(),
      }
    } catch (error) {
      await stack.#stop()
      throw error
    }
  }

  /** What has been started: how it ends, and the processes whose memory counts. */
  add(stop: () => Promise<void>, ...pids: (() => number | undefined)[]): void {
    this.#stops.push(stop)
    this.#pids.push(...pids)
  }

  /** Starts a process of the peer's own beside its servers. */
  async addProcess(program: PeerProgram): Promise<void> {
    const process = new LineProcess(this.#command(program))
    this.add(
      () => process.stop(),
      () => process.pid,
    )
    await process.ready()
  }

  #command({ name, ...program }: PeerProgram): LineCommand {
    return { ...program, logFile: join(this.#dir, `${name}.log`) }
  }

  async #stop(): Promise<void> {
    for (const stop of this.#stops.splice(0).reverse()) await stop()
  }
}

/** A script that is run with this Node. */
export function nodeProgram(
  folder: string,
  script: string,
  env: NodeJS.ProcessEnv,
  ...args: string[]
): PeerProgram {
  return {
    name: [script, ...args].join('-'),
    program: process.execPath,
    args: [join(folder, script), ...args],
    cwd: folder,
    env,
  }
}
