import { percentileOrNaN, round, watchOwnDelay } from '../bench/measure.ts'

/** One way in, as a client uses it. */
export interface Transport {
  readonly name: string
  /** Submits one task and resolves when it is accepted, durably. @returns its id */
  submit(submission: object): Promise<string>
  close(): Promise<void>
}

export interface TransportFigures {
  submitPerSecond: number
  p50Ms: number
  p95Ms: number
  p99Ms: number
  rate: number
  /** Of the generator itself; above 10 the latencies are void. */
  generatorDelayP99Ms: number
}

const payload = 'x'.repeat(200)
/** Accepted now, to be run in an hour: what is measured is the way in, not what agents do. */
const LATER = { delayMs: 3_600_000, deadlineMs: 7_200_000 }

/** A task of three steps with 200 bytes of input. */
export function submissionOf(about: object = LATER): object {
  return {
    type: 'plan',
    input: { payload },
    plan: {
      steps: [
        { id: 'a', agent: 'noop-a', input: { payload: { $from: 'input.payload' } } },
        { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: { $from: 'steps.a.output.payload' } } },
        { id: 'c', agent: 'noop-c', needs: ['b'], input: { payload: { $from: 'steps.b.output.payload' } } },
      ],
    },
    ...about,
  }
}

/** As many submissions as it takes, a bounded number under way. @returns acknowledged submissions a second */
export async function measureSaturated(
  transport: Transport,
  submissions: number,
  underWay: number,
): Promise<number> {
  let sent = 0
  const startedMs = performance.now()
  const worker = async () => {
    while (sent++ < submissions) await transport.submit(submissionOf())
  }
  await Promise.all(Array.from({ length: underWay }, worker))
  return round((submissions * 1000) / (performance.now() - startedMs), 0)
}

/** A fixed rate, whatever the answers do; latency counts from the moment a submission was due to its acceptance. */
export async function measureOpenLoop(
  transport: Transport,
  rate: number,
  seconds: number,
): Promise<Omit<TransportFigures, 'submitPerSecond'>> {
  const own = watchOwnDelay()
  const latencies: number[] = []
  const open: Promise<void>[] = []
  const startMs = performance.now() + 100
  for (let i = 0; i < rate * seconds; i++) {
    const due = startMs + (i * 1000) / rate
    const waitMs = due - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    open.push(transport.submit(submissionOf()).then(() => void latencies.push(performance.now() - due)))
  }
  await Promise.all(open)
  latencies.sort((a, b) => a - b)
  return {
    rate,
    p50Ms: round(percentileOrNaN(latencies, 0.5), 2),
    p95Ms: round(percentileOrNaN(latencies, 0.95), 2),
    p99Ms: round(percentileOrNaN(latencies, 0.99), 2),
    generatorDelayP99Ms: round(own.p99Ms()),
  }
}
