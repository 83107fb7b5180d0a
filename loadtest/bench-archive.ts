import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { ArchiveCatalogue } from '../services/orchestrator/history/archive-catalogue.ts'
import { FolderStore } from '../services/platform/storage/folder-store.ts'
import { cpuSeconds, middleOf, round, until } from './bench/measure.ts'
import { type Product, runSaturated, startProduct } from './bench/product.ts'
import { openServers } from './bench/with-servers.ts'

/**
 * `npm run bench:archive`: what it costs to keep history. Two products stand side by side on servers of their own, one without an archive and one
 * with it, and take turns under the same load: tasks a second while it is there, and the processor time of the orchestrator for a task
 * until its events are in the archive.
 */
const { values } = parseArgs({
  options: {
    tasks: { type: 'string', default: '6000' },
    underWay: { type: 'string', default: '400' },
    turns: { type: 'string', default: '6' },
  },
})
const [tasks, underWay, turns] = [values.tasks, values.underWay, values.turns].map(Number) as [
  number,
  number,
  number,
]
const NOWHERE = 'http://127.0.0.1:9'
const IDLE_MS = 4000

const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'murmur-bench-archive-'))
const store = new FolderStore(folder)
const found = { off: [] as Turn[], on: [] as Turn[] }

interface Turn {
  perSecond: number
  cpuUs: number
}

const sides = await Promise.all([
  startSide({}),
  startSide({ MURMUR_ARCHIVE: folder, MURMUR_ARCHIVE_SEGMENT_MS: '1000' }),
])
try {
  const [off, on] = sides.map(({ product }) => product) as [Product, Product]
  for (const product of [off, on]) await runSaturated(product, tasks, underWay)
  await untilArchived(on)
  for (let turn = 0; turn < turns; turn++) {
    const pair = [() => measure('off', off), () => measure('on', on)]
    if (turn % 2 === 1) pair.reverse()
    for (const one of pair) await one()
  }
  const ratios = (key: keyof Turn) => found.on.map((one, i) => one[key] / found.off[i]![key])
  const entries = await archived()
  const sum = (of: (entry: (typeof entries)[number]) => number) =>
    entries.reduce((all, entry) => all + of(entry), 0)
  const ended = sum(({ ended }) => ended)
  say(
    JSON.stringify({
      off: figuresOf('off'),
      on: figuresOf('on'),
      throughputPercent: round((middleOf(ratios('perSecond')) - 1) * 100),
      cpuPercent: round((middleOf(ratios('cpuUs')) - 1) * 100),
      archivedTasks: ended,
      bytesPerTask: round(sum(({ data, index }) => data.bytes + index.bytes) / ended, 0),
      textBytesPerTask: round(sum(({ rawBytes }) => rawBytes) / ended, 0),
      segments: entries.length,
    }),
  )
} finally {
  for (const side of sides) await side.stop()
  rmSync(folder, { recursive: true, force: true })
}

async function startSide(more: NodeJS.ProcessEnv): Promise<{ product: Product; stop(): Promise<void> }> {
  const { servers, close } = await openServers(say)
  const product = await startProduct(servers, NOWHERE, { OTEL_EXPORTER_OTLP_ENDPOINT: undefined, ...more })
  return {
    product,
    async stop() {
      await product.stop()
      await close()
    },
  }
}

async function measure(mode: 'off' | 'on', product: Product): Promise<void> {
  const before = cpuSeconds(product.pids.orchestrator)
  const startedMs = performance.now()
  const perSecond = await runSaturated(product, tasks, underWay)
  if (mode === 'on') await untilArchived(product)
  const used = cpuSeconds(product.pids.orchestrator) - before
  const lasted = performance.now() - startedMs
  const cpuUs = round(((used - (await idleShare(product)) * lasted) / tasks) * 1e6, 0)
  found[mode].push({ perSecond, cpuUs })
  say(
    `${mode}: ${perSecond} tasks/s, ${cpuUs} µs of CPU a task, ${round((lasted / tasks) * 1000, 0)} µs until all was done`,
  )
}

/** Seconds of the processor in a millisecond in which nothing happens. */
async function idleShare({ pids }: Product): Promise<number> {
  const before = cpuSeconds(pids.orchestrator)
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS))
  return (cpuSeconds(pids.orchestrator) - before) / IDLE_MS
}

async function archived() {
  const catalogue = new ArchiveCatalogue({ store, clock: { monotonicMs: () => 0 } })
  await catalogue.refresh()
  return catalogue.chains().flat()
}

async function untilArchived({ bus }: Product): Promise<void> {
  const { lastSeq } = await bus.streams.facts('LOG')
  await until(
    'all is archived',
    async () => (await archived()).reduce((events, entry) => events + entry.events, 0) >= lastSeq,
    120_000,
  )
}

function figuresOf(mode: 'off' | 'on'): Turn {
  const of = (key: keyof Turn) => middleOf(found[mode].map((one) => one[key]))
  return { perSecond: of('perSecond'), cpuUs: of('cpuUs') }
}
