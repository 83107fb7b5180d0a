import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { provisionFrames } from '../services/platform/nats/topology.ts'
import { startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { markdownTables } from './load/evaluation/markdown-tables.ts'
import type { TablesResult } from './load/evaluation/tables-schema.ts'
import { findNatsProgram, NATS_PROGRAM_HELP } from './load/nats/find-nats-program.ts'
import { natsResult } from './load/nats/nats-result.ts'
import { measureOwnShare } from './load/nats/own-share.ts'
import { runNatsBench } from './load/nats/run-bench.ts'
import { originOf } from './load/origin.ts'

/**
 * `npm run load:nats`: `nats bench` on the subjects and streams of a stack, and what the product makes of the same server. Starts servers and an
 * orchestrator of its own; with --nats URL it uses a stack that runs, and leaves out what its users would notice. Exit codes: 0, 1 where there
 * is no `nats` program.
 */
const { values } = parseArgs({
  options: {
    nats: { type: 'string' },
    messages: { type: 'string', default: '200000' },
    tasks: { type: 'string', default: '10000' },
    json: { type: 'string' },
  },
})
const say = (line: string) => process.stderr.write(`${line}\n`)
const messages = Number(values.messages)
const command = `npm run load:nats${process.argv[2] === undefined ? '' : ` -- ${process.argv.slice(2).join(' ')}`}`
const origin = originOf(withoutPassword(command), new Date())

const program = await findNatsProgram(say)
if (!program) {
  say(`There is no nats program here, and none could be fetched: nothing was measured.\n${NATS_PROGRAM_HELP}`)
  process.exitCode = 1
} else {
  const result = values.nats === undefined ? await onOwnStack(program) : await onRunning(program, values.nats)
  process.stdout.write(`${markdownTables(result)}\n`)
  if (values.json !== undefined) {
    const file = resolve(values.json)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`)
  }
}

async function onOwnStack({ path, version }: { path: string; version: string }): Promise<TablesResult> {
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-load-nats-'))
  const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
  const traces = await startTraceSink()
  try {
    const product = await startProduct(servers, traces.url)
    const { natsUrl: url } = servers
    await makeFrames(url)
    const outcomes = await runNatsBench({ program: path, url, messages, isOwn: true }, say)
    const own = await measureOwnShare(product, url, Number(values.tasks))
    say(`our own: ${own.tasksPerSecond} tasks/s, ${own.storedPerTask} messages stored for each`)
    await product.stop()
    return natsResult(outcomes, {
      origin,
      own,
      versions: `nats ${version}, nats-server ${servers.versions.nats}`,
    })
  } finally {
    await traces.stop()
    await servers.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function onRunning(
  { path, version }: { path: string; version: string },
  url: string,
): Promise<TablesResult> {
  const outcomes = await runNatsBench({ program: path, url, messages, isOwn: false }, say)
  return natsResult(outcomes, { origin, versions: `nats ${version}` })
}

/** Whoever works with frames makes their stream: here nobody does. */
async function makeFrames(url: string): Promise<void> {
  const nc = await connect({ servers: url })
  await provisionFrames(await jetstreamManager(nc))
  await nc.close()
}

function withoutPassword(text: string): string {
  return text.replace(/\/\/[^@/\s]*@/g, '//…@')
}
