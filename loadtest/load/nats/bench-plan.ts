import { SERVICES } from '../../../subjects/operations.ts'
import { STREAMS } from '../../../subjects/streams.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'

/** An agent type that nobody runs: what is published for it stands in the real stream and harms nobody. */
export const BENCH_AGENT = 'load-bench'
export const BENCH_CONSUMER = 'load-bench'
export const BENCH_STEPS = SUBJECTS.step(BENCH_AGENT, 2)
/** Answered by `nats bench` itself. */
const ECHO_SUBJECT = 'murmur.load.bench'
/** A picture of 416 × 416 in YUV, as a detector is sent it. */
const FRAME_BYTES = 416 * 416 * 1.5
/** About what an event of a task, and a step with its input, have. */
const EVENT_BYTES = 300
const STEP_BYTES = 1024
const BATCH = 500

export interface BenchRow {
  readonly name: string
  /** Of `nats bench`, without server and credentials. */
  readonly args: readonly string[]
  /** Of a second `nats bench` that runs beside it. */
  readonly beside?: readonly string[]
  /** Needs a server whose frames nobody looks at. */
  readonly isOwnOnly?: boolean
}

/**
 * What is measured, in order; what is published for steps is consumed by the row behind it. Pure.
 * @param messages of the quickest row; slower ones have fewer
 * @param room messages that the queue of steps takes: no more than a part of it is used
 */
export function benchPlan(messages: number, room = Number.POSITIVE_INFINITY): BenchRow[] {
  const some = (share: number) => String(Math.max(100, Math.round(messages * share)))
  const steps = ['--stream', STREAMS.steps.name]
  const size = (bytes: number) => ['--size', `${bytes}B`]
  const stored = (share: number, most: number) =>
    String(Math.min(Number(some(share)), Math.max(1, Math.floor(room * most))))
  const [awaited, pipelined] = [stored(0.02, 0.1), stored(0.2, 0.7)]
  return [
    {
      name: 'events of tasks published (core NATS)',
      args: ['pub', '--msgs', some(1), ...size(EVENT_BYTES), `tasks.events.plan.${BENCH_AGENT}.progress`],
    },
    {
      name: 'steps stored one by one (each awaited)',
      args: ['js', 'pub', 'sync', ...steps, '--msgs', awaited, ...size(STEP_BYTES), BENCH_STEPS],
    },
    {
      name: 'steps stored many at a time (pipelined)',
      args: [
        'js',
        'pub',
        'async',
        ...steps,
        '--batch',
        String(BATCH),
        '--msgs',
        pipelined,
        ...size(STEP_BYTES),
        BENCH_STEPS,
      ],
    },
    {
      name: 'steps consumed and acknowledged',
      args: [
        ...['js', 'consume', ...steps, '--consumer', BENCH_CONSUMER, '--filter', BENCH_STEPS],
        ...['--msgs', String(Number(awaited) + Number(pipelined)), ...size(STEP_BYTES)],
      ],
    },
    {
      name: 'requests answered by nats bench (an echo)',
      args: ['service', 'request', '--msgs', some(0.05), ...size(EVENT_BYTES), ECHO_SUBJECT],
      beside: ['service', 'serve', '--msgs', some(0.05), ...size(EVENT_BYTES), ECHO_SUBJECT],
    },
    {
      name: `requests answered by an orchestrator (${SERVICES.listAgents})`,
      args: ['service', 'request', '--msgs', some(0.02), '--size', '2B', SERVICES.listAgents],
    },
    {
      name: `frames of ${FRAME_BYTES} bytes published (stream in memory)`,
      args: ['pub', '--msgs', some(0.005), ...size(FRAME_BYTES), SUBJECTS.frames('default', BENCH_AGENT)],
      isOwnOnly: true,
    },
  ]
}
