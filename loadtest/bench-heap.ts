import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { round, rssMb, until } from './bench/measure.ts'
import { runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'

/**
 * `npm run bench:heap`: whether the heaps of the orchestrator and the agents grow under load that goes on. Between rounds of saturated load
 * nothing is under way; all garbage is collected then, and what is left is told. The growth is that of the second half of the
 * rounds, since a process compiles and fills its caches in the first. With --json the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    minutes: { type: 'string', default: '10' },
    /** In each round. */
    tasks: { type: 'string', default: '10000' },
    underWay: { type: 'string', default: '400' },
  },
})
const [minutes, tasks, underWay] = [values.minutes, values.tasks, values.underWay].map(Number) as [
  number,
  number,
  number,
]
type Process = 'orchestrator' | 'agents'
const PROCESSES: readonly Process[] = ['orchestrator', 'agents']
const LEAST_ROUNDS = 4
/** Spans go out within five seconds: what they hold is no growth. */
const TAIL_MS = 5500

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-heap-'))
const heaps = mkdtempSync(join(tmpdir(), 'murmur-bench-heaps-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const traces = await startTraceSink()
try {
  const preload = new URL('./bench/heap-on-signal.ts', import.meta.url).href
  const product = await startProduct(servers, traces.url, {
    NODE_OPTIONS: `--import=${preload}`,
    MURMUR_BENCH_HEAP: heaps,
    MURMUR_STORAGE_GIB: '16',
  })
  const { pids } = product
  const endMs = performance.now() + minutes * 60_000
  let rounds = 0
  while (rounds < LEAST_ROUNDS || performance.now() < endMs) {
    const perSecond = await runSaturated(product, tasks, underWay)
    rounds++
    await new Promise((resolve) => setTimeout(resolve, TAIL_MS))
    for (const name of PROCESSES) process.kill(pids[name], 'SIGUSR2')
    await until('collected', () => PROCESSES.every((name) => heapsOf(pids[name]).length === rounds), 20_000)
    const used = PROCESSES.map((name) => `${name} ${mb(heapsOf(pids[name]).at(-1)!)} MB`)
    say(`after ${rounds * tasks} tasks (${perSecond}/s): ${used.join(', ')}`)
  }
  const result = Object.fromEntries(
    PROCESSES.map((name) => [name, { ...growthOf(heapsOf(pids[name])), rssMb: rssMb(pids[name]) }]),
  )
  await product.stop()
  process.stdout.write(
    values.json
      ? `${JSON.stringify({ tasks: rounds * tasks, ...result })}\n`
      : `${JSON.stringify(result, null, 2)}\n`,
  )
} finally {
  traces.stop()
  await servers.stop()
  for (const folder of [dataDir, heaps]) rmSync(folder, { recursive: true, force: true })
}

/** Bytes in use after each round, on the heap and outside of it. */
function heapsOf(pid: number): number[] {
  const file = join(heaps, String(pid))
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  return lines.map((line) => {
    const { heapUsed, external } = JSON.parse(line) as { heapUsed: number; external: number }
    return heapUsed + external
  })
}

function growthOf(bytes: readonly number[]): { firstMb: number; lastMb: number; bytesATask: number } {
  const half = Math.floor(bytes.length / 2)
  const grown = bytes.at(-1)! - bytes[half]!
  const between = (bytes.length - 1 - half) * tasks
  return { firstMb: mb(bytes[0]!), lastMb: mb(bytes.at(-1)!), bytesATask: round(grown / between) }
}

function mb(bytes: number): number {
  return round(bytes / 1e6, 2)
}
