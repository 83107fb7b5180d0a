import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { createRedis, waitForRedis } from '../services/platform/redis/redis.ts'
import { STREAMS } from '../subjects/streams.ts'
import { cpuSeconds, rssMb } from './bench/measure.ts'
import { parkTasks, runSaturated, startProduct } from './bench/product.ts'
import { startTraceSink } from './bench/trace-sink.ts'
import { withServers } from './bench/with-servers.ts'
import {
  type CapacityFigures,
  type Costs,
  capacityResult,
  type EdgeCost,
} from './capacity/capacity-result.ts'
import { startEdgeProduct } from './edge/edge-product.ts'
import { grpcTransport } from './edge/grpc-transport.ts'
import { measureSaturated } from './edge/measure-transport.ts'
import { restTransport } from './edge/rest-transport.ts'
import { markdownTables } from './load/evaluation/markdown-tables.ts'
import { originOf } from './load/origin.ts'

/**
 * `npm run bench:capacity`: what a task costs, of processor, memory and disk, in each process, so that a deployment can be sized. With --json FILE
 * the tables are kept as docs/EVALUATION_RESULTS.md reads them.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    tasks: { type: 'string', default: '20000' },
    parked: { type: 'string', default: '20000' },
    submissions: { type: 'string', default: '10000' },
  },
})
const [tasks, parked, submissions] = [values.tasks, values.parked, values.submissions].map(Number) as [
  number,
  number,
  number,
]
const UNDER_WAY = 1000
const EDGE_UNDER_WAY = 96
const WARM_UP = 3000
const MB = 1e6

const say = (line: string) => process.stderr.write(`${line}\n`)
const origin = originOf(
  `npm run bench:capacity${process.argv[2] === undefined ? '' : ` -- ${process.argv.slice(2).join(' ')}`}`,
  new Date(),
)
const traces = await startTraceSink()
try {
  const result = capacityResult(
    { ...(await measureTasks()), edge: await measureEdge() } satisfies CapacityFigures,
    origin,
  )
  process.stdout.write(`${markdownTables(result)}\n`)
  if (values.json !== undefined) writeFileSync(resolve(values.json), `${JSON.stringify(result, null, 2)}\n`)
} finally {
  traces.stop()
}

/** Tasks that run, and tasks that wait. */
async function measureTasks(): Promise<Omit<CapacityFigures, 'edge'>> {
  return await withServers(say, async (servers) => {
    let product = await startProduct(servers, traces.url)
    const redis = createRedis(servers.redisUrl)
    await waitForRedis(redis, 5000)
    const nc = await connect({ servers: servers.natsUrl })
    const jsm = await jetstreamManager(nc)
    const redisBytes = async () =>
      Number(/^used_memory:(\d+)/m.exec((await redis.info('memory')).join('\n'))?.[1])
    const logBytes = async () => (await jsm.streams.info(STREAMS.log.name)).state.bytes
    const pids = () => ({ ...product.pids, nats: servers.natsPid!, redis: servers.redisPid! })
    const used = (): Costs => ({
      orchestrator: cpuSeconds(pids().orchestrator),
      agents: cpuSeconds(pids().agents),
      nats: cpuSeconds(pids().nats),
      redis: cpuSeconds(pids().redis),
    })
    try {
      await runSaturated(product, WARM_UP, UNDER_WAY)
      const [cpuBefore, memoryBefore, logBefore] = [used(), await redisBytes(), await logBytes()]
      const perSecond = await runSaturated(product, tasks, UNDER_WAY)
      const cpuAfter = used()
      say(`${tasks} tasks: ${perSecond} a second`)
      const finishedBytes = ((await redisBytes()) - memoryBefore) / tasks
      const logBytesPerTask = ((await logBytes()) - logBefore) / tasks
      const cpuUs = Object.fromEntries(
        Object.entries(cpuAfter).map(([name, seconds]) => [
          name,
          ((seconds - cpuBefore[name as keyof Costs]) / tasks) * 1e6,
        ]),
      ) as unknown as Costs
      // A fresh one: what it holds is what waits.
      await product.stop()
      product = await startProduct(servers, traces.url)
      const [rssBefore, parkedBefore] = [rssMb(product.pids.orchestrator), await redisBytes()]
      await parkTasks(product, parked)
      say(`${parked} tasks wait`)
      return {
        tasksPerSecond: perSecond,
        cpuUs,
        logBytesPerTask,
        redisBytesFinished: finishedBytes,
        redisBytesActive: ((await redisBytes()) - parkedBefore) / parked,
        orchestratorMb: rssBefore,
        orchestratorBytesActive: ((rssMb(product.pids.orchestrator) - rssBefore) * MB) / parked,
      }
    } finally {
      await nc.close()
      await redis.close()
      await product.stop()
    }
  })
}

async function measureEdge(): Promise<EdgeCost[]> {
  return await withServers(say, async (servers) => {
    const product = await startEdgeProduct(servers, {
      otlpEndpoint: traces.url,
      tasks: 2 * (submissions + WARM_UP),
    })
    const costs: EdgeCost[] = []
    try {
      for (const [name, transport] of [
        ['rest', restTransport(product.restPort)],
        ['grpc', grpcTransport(product.grpcPort)],
      ] as const) {
        await measureSaturated(transport, WARM_UP, EDGE_UNDER_WAY)
        const before = cpuSeconds(product.edgePid)
        const perSecond = await measureSaturated(transport, submissions, EDGE_UNDER_WAY)
        const cpuUs = ((cpuSeconds(product.edgePid) - before) / submissions) * 1e6
        costs.push({ transport: name, perSecond, cpuUs })
        say(`${name}: ${perSecond} submissions a second`)
        await transport.close()
      }
    } finally {
      await product.stop()
    }
    return costs
  })
}
