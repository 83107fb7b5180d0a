import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { round } from './bench/measure.ts'
import { DayLoad } from './day/day-load.ts'
import { DayStack } from './day/day-stack.ts'
import { flatnessOf } from './day/flatness.ts'

/**
 * `npm run bench:day`: a day in twelve minutes. What the settings say in time is divided by 120 (by more, the shorter it is): how long events stay in the log, how
 * often checkpoints are looked at and segments written; the rate is what it is. Meanwhile processes are killed, Redis is emptied, NATS is killed and the disk
 * of the streams is full for a while. Told at the end: what was lost, and whether everything that is kept has stopped growing.
 *
 *   --minutes 12  how long      --rate 200  three-step tasks a second      --long 500  tasks from morning to evening      --json FILE
 */
const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '12' },
    rate: { type: 'string', default: '200' },
    long: { type: 'string', default: '500' },
    json: { type: 'string' },
  },
})
const [minutes, rate, long] = [Number(values.minutes), Number(values.rate), Number(values.long)]
const TIME_LAPSE = (24 * 60) / minutes
const SAMPLE_MS = 2000
const SEND_MS = 20
const FULL_DISK_MS = 15_000
const SETTLE_MS = 120_000
const SETTINGS = {
  MURMUR_CHECKPOINTS: 'yes',
  MURMUR_CHECKPOINT_MS: String(Math.round(60_000 / TIME_LAPSE)),
  MURMUR_LOG_MARGIN_MS: String(Math.round(900_000 / TIME_LAPSE)),
  MURMUR_ARCHIVE_SEGMENT_MS: String(Math.round(900_000 / TIME_LAPSE)),
  // The least that there may be: the broker remembers ids of messages for so long.
  MURMUR_KEEP_FINISHED_MS: '120000',
  MURMUR_ARCHIVE_GIB: '0.02',
  MURMUR_MAX_ACTIVE_TASKS: '20000',
}

const say = (line: string) => process.stderr.write(`${line}\n`)
const stack = await DayStack.start(SETTINGS, say)
const totalMs = minutes * 60_000
const events: { atS: number; what: string; tookS: number }[] = []
// Processes are killed in the first quarter: in the second they are as warm as in the last.
const faults: [at: number, what: string, act: () => Promise<void>][] = [
  [0.05, 'orchestrator 1 killed', () => stack.kill('orchestrator 1')],
  [0.1, 'agents killed', () => stack.kill('agents')],
  [0.15, 'orchestrator 2 killed', () => stack.kill('orchestrator 2')],
  [0.3, 'Redis emptied', () => stack.flushRedis()],
  [0.4, 'disk full', () => stack.fillDisk(FULL_DISK_MS)],
  [0.5, 'NATS killed and started', () => stack.restartNats()],
  [0.7, 'Redis emptied', () => stack.flushRedis()],
]
try {
  const load = new DayLoad(stack.bus)
  await load.beginLong(long)
  const beganMs = performance.now()
  const seconds = () => (performance.now() - beganMs) / 1000
  let [sent, sampledMs, toldS] = [0, 0, 0]
  const acting = new Set<Promise<void>>()
  while (performance.now() - beganMs < totalMs) {
    const due = Math.floor(seconds() * rate)
    load.send(sent, due)
    sent = due
    if (performance.now() - sampledMs > SAMPLE_MS) {
      sampledMs = performance.now()
      await stack.sample()
    }
    if (seconds() - toldS > 10) {
      toldS = seconds()
      say(`${Math.round(toldS)} s  ${sent} sent  ${load.accepted} accepted  ${load.open} open`)
    }
    if (faults.length > 0 && performance.now() - beganMs > faults[0]![0] * totalMs) {
      const [, what, act] = faults.shift()!
      const startedS = seconds()
      say(`${Math.round(startedS)} s  ${what}`)
      const acts = act().then(() => {
        events.push({ atS: round(startedS), what, tookS: round(seconds() - startedS) })
      })
      acting.add(acts)
      void acts.finally(() => acting.delete(acts))
    }
    await sleep(SEND_MS)
  }
  await Promise.all(acting)
  say('the day is over: each task is asked for')
  const ledger = await load.close(SETTLE_MS)
  const log = await stack.bus.streams.facts('LOG')
  const flat = stack.series().map(flatnessOf)
  const result = {
    ...{ minutes, rate, long, sent, events, logEvents: log.lastSeq },
    ...{ ...ledger, lost: ledger.lost.length, lostTasks: ledger.lost.slice(0, 20) },
    longestAcceptMs: Math.round(ledger.longestAcceptMs),
    flat,
  }
  if (values.json)
    writeFileSync(values.json, `${JSON.stringify({ ...result, series: stack.series() }, null, 2)}\n`)
  console.log(JSON.stringify(result, null, 2))
  const grown = flat.filter(({ isFlat }) => !isFlat).map(({ name }) => name)
  if (grown.length > 0) say(`still growing: ${grown.join(', ')}`)
  if (ledger.lost.length > 0 || ledger.longCompleted < long) say('not all that was accepted has ended')
  process.exitCode = grown.length > 0 || ledger.lost.length > 0 || ledger.longCompleted < long ? 1 : 0
} finally {
  await stack.stop()
}
