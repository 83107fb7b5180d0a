import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Trouble } from './judge.ts'

/** Milliseconds. */
const TICK_MS = 250
const LATE_MS = 1250
/** As detection has it, the most patient process of live video: where others want the processor, it goes without. */
const NICENESS = 19

const TICKER = `
require('node:os').setPriority(${NICENESS})
// With whoever started it, whatever becomes of that.
process.stdin.on('end', () => process.exit()).resume()
let last = Date.now()
setInterval(() => {
  const now = Date.now()
  if (now - last > ${LATE_MS}) console.log(last + ' ' + now)
  last = now
}, ${TICK_MS})`

/**
 * When the machine gave nothing to whoever is as patient as live video: a process that only ticks tells it, so it is no fault of the product, and
 * the product is no excuse for itself.
 */
export class StarvationWatch {
  readonly #ticker: ChildProcess
  readonly #found: Trouble[] = []

  constructor() {
    this.#ticker = spawn(process.execPath, ['-e', TICKER], { stdio: ['pipe', 'pipe', 'inherit'] })
    createInterface({ input: this.#ticker.stdout! }).on('line', (line) => {
      const [fromMs = 0, toMs = 0] = line.split(' ').map(Number)
      this.#found.push({ what: 'a machine without a moment to spare', fromMs, toMs })
    })
  }

  /** @returns what it has seen */
  stop(): readonly Trouble[] {
    this.#ticker.kill()
    return this.#found
  }
}
