import type { Terminal } from '../../../services/cli/output/terminal.ts'
import type { Progress } from '../generator/messages.ts'
import type { Scenario } from '../scenarios.ts'
import { progressLine, renderProgress } from './render-progress.ts'

/** Points of the small chart. */
const RECENT = 40
/** Without a terminal a line is written this often. Milliseconds of the run. */
const LINE_INTERVAL_MS = 5000

/** Shows how a run goes: drawn again and again on a terminal, a line now and then elsewhere. */
export class ProgressView {
  readonly #terminal: Terminal
  readonly #scenario: Scenario
  readonly #recent: number[] = []
  #lastLineMs = 0

  constructor(terminal: Terminal, scenario: Scenario) {
    this.#terminal = terminal
    this.#scenario = scenario
  }

  show(progress: Progress): void {
    this.#recent.push(progress.bucket.p95Ms)
    if (this.#recent.length > RECENT) this.#recent.shift()
    if (this.#terminal.isLive) {
      const about = { recent: this.#recent, paint: this.#terminal.paint }
      this.#terminal.drawLive(renderProgress(this.#scenario, progress, about))
    } else if (progress.atMs - this.#lastLineMs >= LINE_INTERVAL_MS) {
      this.#lastLineMs = progress.atMs
      this.#terminal.log(progressLine(this.#scenario, progress))
    }
  }
}
