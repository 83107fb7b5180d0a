import { type LineCommand, LineProcess } from './line-process.ts'

/** The client of a peer, in a process of its own. */
export class PeerClient {
  readonly #process: LineProcess
  readonly #open = new Map<string, { resolve: () => void; reject: (error: Error) => void }>()
  #sent = 0

  private constructor(process: LineProcess) {
    this.#process = process
    process.onLine((line) => this.#take(line))
    process.onEnd(() => {
      if (this.#open.size === 0) return
      const error = new Error(`the client ended:\n${process.logTail()}`)
      for (const { reject } of this.#open.values()) reject(error)
      this.#open.clear()
    })
  }

  static async start(command: LineCommand): Promise<PeerClient> {
    const process = new LineProcess(command)
    try {
      return new PeerClient(await process.ready())
    } catch (error) {
      await process.kill()
      throw error
    }
  }

  /** Submits a task of three steps. @param holdMs how long each of them takes @returns when its result is there @throws Error when there will be none */
  run(holdMs = 0): Promise<void> {
    this.#sent++
    const id = String(this.#sent)
    return new Promise((resolve, reject) => {
      this.#open.set(id, { resolve, reject })
      this.#process.send(`${id} ${holdMs}`)
    })
  }

  async stop(): Promise<void> {
    await this.#process.stop()
  }

  #take(line: string): void {
    const [first = '', id = '', ...message] = line.split(' ')
    const isFailure = first === '!'
    const task = this.#open.get(isFailure ? id : first)
    this.#open.delete(isFailure ? id : first)
    if (isFailure) task?.reject(new Error(message.join(' ')))
    else task?.resolve()
  }
}
