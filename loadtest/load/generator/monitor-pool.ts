/** How many monitors users may have at a time: each takes a share of a processor, whoever looks at it. */
export class MonitorPool {
  readonly #max: number
  /** Starts that have been promised room and are not there yet. */
  #promised = 0
  readonly #running = new Set<string>()

  constructor(max: number) {
    this.#max = max
  }

  get running(): readonly string[] {
    return [...this.#running]
  }

  get hasRoom(): boolean {
    return this.#running.size + this.#promised < this.#max
  }

  promise(): void {
    this.#promised++
  }

  /** What was promised is there, or was not to be had. */
  keep(taskId: string | undefined): void {
    this.#promised--
    if (taskId !== undefined) this.#running.add(taskId)
  }

  release(taskId: string): void {
    this.#running.delete(taskId)
  }
}
