import { TABLES_RESULT, type TablesResult } from '../load/evaluation/tables-schema.ts'
import type { Origin } from '../load/result-schema.ts'

/** Of each process, microseconds of processor time or seconds of it. */
export interface Costs {
  readonly orchestrator: number
  readonly agents: number
  readonly nats: number
  readonly redis: number
}

export interface EdgeCost {
  readonly transport: 'rest' | 'grpc'
  readonly perSecond: number
  /** Of the edge, for a submission. */
  readonly cpuUs: number
}

/** What was measured of a task of three steps whose agents do nothing. */
export interface CapacityFigures {
  readonly tasksPerSecond: number
  /** For a task. */
  readonly cpuUs: Costs
  readonly logBytesPerTask: number
  readonly redisBytesFinished: number
  readonly redisBytesActive: number
  /** Of an orchestrator that has nothing to do. */
  readonly orchestratorMb: number
  readonly orchestratorBytesActive: number
  readonly edge: readonly EdgeCost[]
}

/** Rates that deployments are sized for. */
const RATES = [10, 100, 500, 1000, 5000] as const
/** A core that is busier than this adds latency. */
const BUSY_SHARE = 0.6
const US_A_SECOND = 1e6
const SECONDS_A_DAY = 86_400
const KIB = 1024
const GIB = 2 ** 30
const NAMES = { rest: 'REST', grpc: 'gRPC' } as const

/** What tasks cost, and what that asks for at some rates: linear in what was measured, and said to be. Pure. */
export function capacityResult(figures: CapacityFigures, origin: Origin): TablesResult {
  const { cpuUs, edge } = figures
  const us = (value: number) => Math.round(value).toLocaleString('en')
  const kib = (bytes: number) => (bytes / KIB).toFixed(1)
  const rest = edge.find(({ transport }) => transport === 'rest')
  const cores = (perSecond: number, ofTask: number) =>
    ((perSecond * ofTask) / US_A_SECOND / BUSY_SHARE).toFixed(2)
  return {
    schema: TABLES_RESULT,
    title: 'What tasks cost',
    about:
      'Tasks of three steps with 200 bytes of payload and agents that do nothing, all on one machine, traces at the default: what the product itself takes. What agents do comes on top.',
    origin,
    tables: [
      {
        columns: ['of each task', 'measured'],
        rows: [
          ['orchestrator, µs of processor time', us(cpuUs.orchestrator)],
          ['runner of agents, all three steps, µs', us(cpuUs.agents)],
          ['nats-server, µs', us(cpuUs.nats)],
          ['Redis, µs', us(cpuUs.redis)],
          ...edge.map(({ transport, cpuUs: ofEdge }) => [
            `edge, a submission over ${NAMES[transport]}, µs`,
            us(ofEdge),
          ]),
          ['stream `LOG`, KiB', kib(figures.logBytesPerTask)],
          ['Redis, while it is kept after its end, KiB', kib(figures.redisBytesFinished)],
          ['Redis, while it is active, KiB', kib(figures.redisBytesActive)],
          ['memory of the orchestrator, while it is active, KiB', kib(figures.orchestratorBytesActive)],
        ],
      },
      {
        title: `Sizes by these figures: cores at ${BUSY_SHARE * 100} % busy`,
        columns: [
          'tasks/s',
          'orchestrators, cores',
          'edge (REST), cores',
          'nats-server, cores',
          'Redis, cores',
          'runners, cores',
          'LOG, GiB a day',
          'Redis, GiB for a day of finished tasks',
        ],
        rows: RATES.map((rate) => [
          rate.toLocaleString('en'),
          cores(rate, cpuUs.orchestrator),
          rest ? cores(rate, rest.cpuUs) : '–',
          cores(rate, cpuUs.nats),
          cores(rate, cpuUs.redis),
          cores(rate, cpuUs.agents),
          ((rate * SECONDS_A_DAY * figures.logBytesPerTask) / GIB).toFixed(1),
          ((rate * SECONDS_A_DAY * figures.redisBytesFinished) / GIB).toFixed(1),
        ]),
      },
    ],
    notes: [
      `Saturated, this machine did ${figures.tasksPerSecond.toLocaleString('en')} tasks a second. An orchestrator that has nothing to do takes ${figures.orchestratorMb} MB. The sizes are linear in the figures above, at one copy of each stream: three copies take three times the disk, and of nats-server's cores more.`,
    ],
  }
}
