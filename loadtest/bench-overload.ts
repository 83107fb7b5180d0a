import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { measureCapacity, type OverloadFigures, offerBurst, offerLoad } from './overload/offer-load.ts'
import { startOverloadProduct } from './overload/overload-product.ts'

/**
 * `npm run bench:overload`: agents with a fixed service time, and half, once, twice and five times as many tasks as they can do,
 * each with a deadline. What counts is what is done in time, of what could be. With --json the last line of the output is the
 * result; with --assert it fails when goodput at twice and five times the capacity is below 90 % of it.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    assert: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '15' },
    loads: { type: 'string', default: '0.5,1,2,5' },
    workMs: { type: 'string', default: '200' },
    deadlineMs: { type: 'string', default: '6000' },
  },
})
const LEAST_GOODPUT = 0.9
const say = (line: string) => process.stderr.write(`${line}\n`)
const seconds = Number(values.seconds)
const deadlineMs = Number(values.deadlineMs)
const step = { id: 'a', agent: 'paced', input: { workMs: Number(values.workMs) } }
const body = { type: 'plan', deadlineMs, plan: { steps: [step] } }
// 120 tasks that are 18 s of work for one slot, with 6 s in the queue and 6 s to run.
const burstStep = {
  id: 'a',
  agent: 'paced-one',
  input: { workMs: 150 },
  queueTimeoutMs: 6000,
  timeoutMs: 6000,
}
const burst = { type: 'plan', plan: { steps: [burstStep] } }

const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-overload-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
try {
  const product = await startOverloadProduct(servers)
  const capacity = await measureCapacity(product, body, { underWay: 64, seconds: 6 })
  say(`capacity: ${capacity} tasks/s`)
  const loads: OverloadFigures[] = []
  for (const load of values.loads.split(',').map(Number)) {
    const figures = await offerLoad(product, { body, agent: 'paced', capacity, load, seconds })
    loads.push(figures)
    const { accepted, refused, done, failed, runs, goodput, drainMs } = figures
    say(
      `${load} × capacity: goodput ${goodput}, ${accepted} accepted, ${refused} refused, ${done} done, ${failed} failed, ${runs} runs, drained in ${drainMs} ms`,
    )
  }
  const ended = await offerBurst(product, { body: burst, agent: 'paced-one', tasks: 120 })
  say(
    `burst of 120: ${ended.done} done, ${ended.failed} failed, ${ended.runs} runs, ${ended.refused} refused`,
  )
  await product.stop()
  const result = { capacity, deadlineMs, loads, burst: ended }
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : `${JSON.stringify(result, null, 2)}\n`)
  const poor = loads.filter(({ load, goodput }) => load >= 2 && goodput < LEAST_GOODPUT)
  if (values.assert && poor.length > 0) {
    say(`goodput is below ${LEAST_GOODPUT} of capacity at ${poor.map(({ load }) => `${load} ×`).join(', ')}`)
    process.exitCode = 1
  }
} finally {
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}
