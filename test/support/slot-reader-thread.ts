import { parentPort, workerData } from 'node:worker_threads'
import { SlotTable } from '../../services/sdk/slot-table.ts'

export interface TableReading {
  /** Steps that were seen. */
  seen: number
  /** Those whose parts are not of one step. */
  torn: string[]
}

const ENOUGH = 2000
const AT_MOST_MS = 20_000

// Reads a table that another thread writes all the time, whose parts all have the same number.
const table = new SlotTable((workerData as { memory: SharedArrayBuffer }).memory)
const reading: TableReading = { seen: 0, torn: [] }
const untilMs = performance.now() + AT_MOST_MS
while (reading.seen < ENOUGH && performance.now() < untilMs) {
  for (const view of table.taken()) {
    reading.seen++
    const n = view.attempt
    const whole =
      view.taskId === `task${n}` &&
      view.stepId === `step${n}` &&
      view.deliveries === n &&
      view.ackSubject === `$JS.ACK.STEPS.a-p1.${n}.${n}.${n}.1790000000000000000.${n}`
    if (!whole && reading.torn.length < 5) reading.torn.push(JSON.stringify(view))
  }
}
parentPort?.postMessage(reading)
