import fc from 'fast-check'
import type { LogEvent, TaskAccepted } from '#schemas/log-event.ts'
import { decide } from '#workflow/decide/decide.ts'
import type { RawEvent } from '../../services/orchestrator/partition/decode-event.ts'
import { encodeResultBatch } from '../../services/platform/json/result-batch.ts'
import { anyAcceptedArbitrary } from './random-kinds.ts'
import { SimulatedTask } from './simulated-task.ts'

const TROUBLES = {
  dropped: 0.05,
  doubled: 0.05,
  late: 0.05,
  retries: 0.1,
  fails: 0.1,
  crashes: 0.05,
  long: 0.1,
  noise: 0.1,
  cancel: 0.05,
  stored: 0.1,
  controls: 0.1,
}

/** A log of partition 0 with a few tasks, as a world gave it, one in between the other, with numbers of the log that have gaps. */
export const logArbitrary: fc.Arbitrary<RawEvent[]> = fc
  .record({
    tasks: fc.array(fc.record({ accepted: anyAcceptedArbitrary, seed: fc.integer() }), {
      minLength: 1,
      maxLength: 5,
    }),
    order: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
    noise: fc.boolean(),
  })
  .map(({ tasks, order, noise }) => {
    const queues = tasks.map(({ accepted, seed }, i) => eventsOf(accepted, seed, `task-${i}`))
    return mixed(queues, order, noise)
  })

/** The same, with results gathered into batches, some of which have a torn line, or a second result of a task. */
export const batchedLogArbitrary: fc.Arbitrary<RawEvent[]> = fc
  .record({
    log: logArbitrary,
    sizes: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 20, maxLength: 20 }),
  })
  .map(({ log, sizes }) => gathered(log, sizes))

function gathered(log: readonly RawEvent[], sizes: readonly number[]): RawEvent[] {
  const messages: RawEvent[] = []
  const waiting = new Map<string, string[]>()
  let turn = 0
  const batch = (of: Omit<RawEvent, 'data'>, texts: string[]) => {
    const size = sizes[turn++ % sizes.length]!
    const more = size === 5 ? ['{"torn'] : size === 6 ? [texts[0]!] : []
    waiting.delete(of.subject)
    messages.push({ ...of, data: Buffer.from(encodeResultBatch([...texts, ...more])) })
  }
  for (const raw of log) {
    const text = Buffer.from(raw.data).toString()
    if (!raw.subject.startsWith('log.0.result') || text.includes('\n')) {
      messages.push(raw)
      continue
    }
    const texts = [...(waiting.get(raw.subject) ?? []), text]
    waiting.set(raw.subject, texts)
    const size = sizes[turn % sizes.length]!
    if (texts.length < size) continue
    if (size > 1) batch(raw, texts)
    else {
      turn++
      waiting.delete(raw.subject)
      messages.push(raw)
    }
  }
  const last = log.at(-1)!
  let { seq } = last
  for (const [subject, texts] of [...waiting]) batch({ ...last, subject, seq: ++seq }, texts)
  return messages
}

/** An event as a message of the log. */
export function rawOf(event: LogEvent, seq: number): RawEvent {
  const agent = event.kind === 'result' && event.agent !== undefined ? `.${event.agent}` : ''
  return {
    subject: `log.0.${event.kind}${agent}`,
    data: Buffer.from(JSON.stringify(event.body)),
    seq,
    storedAtMs: event.atMs,
  }
}

function eventsOf(accepted: TaskAccepted, seed: number, taskId: string): LogEvent[] {
  const tenant = seed % 2 === 0 ? 'default' : 'north'
  const task = new SimulatedTask({ ...accepted, taskId, tenant }, { troubles: TROUBLES, seed, decide })
  return task.run().map(({ event }) => event)
}

function mixed(queues: LogEvent[][], order: number[], noise: boolean): RawEvent[] {
  const log: RawEvent[] = []
  let seq = 0
  for (let i = 0; queues.some((queue) => queue.length > 0); i++) {
    const left = queues.filter((queue) => queue.length > 0)
    const pick = order[i % order.length]!
    seq += 1 + (pick % 3)
    const event = left[pick % left.length]!.shift()!
    log.push(rawOf(event, seq))
    if (noise && pick % 7 === 0)
      log.push({ ...rawOf(event, ++seq), subject: 'log.0.result', data: Buffer.from('{"broken\n') })
  }
  return log
}
