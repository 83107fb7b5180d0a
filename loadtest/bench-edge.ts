import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../deploy/local/servers/start-servers.ts'
import { round, rssMb } from './bench/measure.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { startEdgeProduct } from './edge/edge-product.ts'
import { grpcTransport } from './edge/grpc-transport.ts'
import {
  measureOpenLoop,
  measureSaturated,
  type Transport,
  type TransportFigures,
} from './edge/measure-transport.ts'
import { measureWatchers } from './edge/measure-watchers.ts'
import { natsTransport } from './edge/nats-transport.ts'
import { restTransport } from './edge/rest-transport.ts'

/**
 * `npm run bench:edge`: submissions through each transport until they are durably accepted, saturated and at a fixed rate, and many
 * who watch at once. Everything runs on this machine, the generator too. With --json the last line of the output is the result.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    submissions: { type: 'string', default: '15000' },
    rate: { type: 'string', default: '200' },
    seconds: { type: 'string', default: '15' },
    watchers: { type: 'string', default: '2000' },
    rounds: { type: 'string', default: '3' },
  },
})
const UNDER_WAY = 96
const WARM_UP = 3000
const TRANSPORTS = 3
const submissions = Number(values.submissions)
const rounds = Number(values.rounds)
/** All that are submitted before the watchers come: none of them runs while this does. */
const tasks = TRANSPORTS * (WARM_UP + rounds * submissions + Number(values.rate) * Number(values.seconds))

const say = (line: string) => process.stderr.write(`${line}\n`)
const dataDir = mkdtempSync(join(tmpdir(), 'murmur-bench-edge-'))
const servers = await startServers({ dataDir, report: say, nats: { syncInterval: '2s' } })
const traces = await startTraceSink()
try {
  const product = await startEdgeProduct(servers, { otlpEndpoint: traces.url, tasks })
  const transports: Transport[] = [
    grpcTransport(product.grpcPort),
    restTransport(product.restPort),
    await natsTransport(servers.natsUrl),
  ]
  const rates = new Map<string, number[]>(transports.map(({ name }) => [name, []]))
  for (const transport of transports) await measureSaturated(transport, WARM_UP, UNDER_WAY)
  // In turn, so that all of them see the same machine.
  for (let round_ = 1; round_ <= rounds; round_++) {
    for (const transport of transports) {
      rates.get(transport.name)!.push(await measureSaturated(transport, submissions, UNDER_WAY))
    }
    const line = transports.map(({ name }) => `${name} ${rates.get(name)!.at(-1)}`).join(', ')
    say(`round ${round_} of ${rounds}: acknowledged submissions a second: ${line}`)
  }
  const figures: Record<string, TransportFigures> = {}
  for (const transport of transports) {
    const openLoop = await measureOpenLoop(transport, Number(values.rate), Number(values.seconds))
    figures[transport.name] = { submitPerSecond: median(rates.get(transport.name)!), ...openLoop }
    say(
      `${transport.name}: ${openLoop.rate} a second: p50 ${openLoop.p50Ms} ms, p95 ${openLoop.p95Ms} ms, p99 ${openLoop.p99Ms} ms`,
    )
    await transport.close()
  }
  say(`edge before the watchers: ${rssMb(product.edgePid)} MB`)
  const watchers = await measureWatchers(product, Number(values.watchers))
  say(
    `${watchers.count} watchers: edge ${watchers.rssMb} MB, ${watchers.events} events, p50 ${watchers.p50Ms} ms, p99 ${watchers.p99Ms} ms`,
  )
  const result = {
    ...figures,
    watchers,
    edgeRssMb: rssMb(product.edgePid),
    machine: {
      cores: cpus().length,
      cpu: cpus()[0]?.model ?? 'unknown',
      memoryGiB: round(totalmem() / 2 ** 30),
    },
  }
  await product.stop()
  if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`)
} finally {
  await traces.stop()
  await servers.stop()
  rmSync(dataDir, { recursive: true, force: true })
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN
}
