import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

// What the clients and workers of peers speak with the benchmark: lines, so that a client in any language can. Needs nothing but Node, as it is
// copied to where a peer's packages are installed. Their own lines go to descriptor 3, since libraries write to the standard output.

const LINES = 3
let pending = ''

/** Writes a line to the benchmark: at once, so that it is there when this process is killed in the next moment. */
export function say(line: string): void {
  writeSync(LINES, `${line}\n`)
}

/** The same for lines that may wait for the others of this turn. */
function sayWithOthers(line: string): void {
  if (pending === '') {
    setImmediate(() => {
      const lines = pending
      pending = ''
      writeSync(LINES, lines)
    })
  }
  pending += `${line}\n`
}

/** What is handed from step to step. */
export interface StepData {
  payload: string
  /** How long each step takes; 0 when only the cost of the system is measured. Milliseconds. */
  holdMs: number
}

/**
 * A step of the task: hands its input on. One that takes time says when it begins and when it ends.
 * @param beat called four times a second meanwhile
 */
export async function passOn(step: string, data: StepData, beat: () => void = () => {}): Promise<StepData> {
  if (data.holdMs > 0) {
    say(`+ ${step}`)
    const beating = setInterval(beat, 250)
    await new Promise((resolve) => setTimeout(resolve, data.holdMs))
    clearInterval(beating)
    say(`- ${step}`)
  }
  return data
}

/**
 * A client: for each line `ID HOLD_MS` that it is given it has a task done, and says `ID` when its result is there, `! ID MESSAGE` when there will be none.
 * @param run resolves with the result of a task
 */
export function serveTasks(run: (id: string, data: StepData) => Promise<StepData>): void {
  const payload = 'x'.repeat(200)
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const [id = '', holdMs] = line.split(' ')
      run(id, { payload, holdMs: Number(holdMs) }).then(
        (result) => sayWithOthers(result.payload === payload ? id : `! ${id} another result`),
        (error: Error) => sayWithOthers(`! ${id} ${String(error.message).replaceAll('\n', ' ')}`),
      )
    })
    .once('close', () => process.exit(0))
  say('ready')
}

/** Ends this worker when the benchmark has gone. */
export function endWithParent(): void {
  process.stdin.once('end', () => process.exit(0)).resume()
}
