import type { GeneratorResult } from '../../../loadtest/load/generator/messages.ts'
import { Recorder } from '../../../loadtest/load/generator/recorder.ts'
import { TaskLedger } from '../../../loadtest/load/generator/task-ledger.ts'
import type { LoadResult, Origin } from '../../../loadtest/load/result-schema.ts'
import { scenarioOf } from '../../../loadtest/load/scenarios.ts'
import { summarize } from '../../../loadtest/load/summarize.ts'
import type { TaskState } from '../../../schemas/task.ts'

export const SAMPLE_ORIGIN: Origin = {
  date: '2026-01-02T03:04:05.000Z',
  command: 'npm run load -- baseline',
  commit: '0123456789',
  machine: {
    cores: 2,
    cpu: 'A Processor',
    memoryGiB: 16,
    node: '24.0.0',
    platform: 'linux 6.1',
    loadBefore: 0.1,
  },
}

/** A task of one step that took 40 ms: 10 in the queue, 20 at work. */
export function sampleTask(id: string, status: TaskState['status'] = 'completed'): TaskState {
  const step = { id: 'a', agent: 'ingest', needs: [], input: {} }
  return {
    v: 1,
    id,
    status,
    createdAtMs: 1000,
    finishedAtMs: 1040,
    plan: { steps: [step] },
    steps: {
      a: { status: 'completed', attempt: 1, dispatchedAtMs: 1005, startedAtMs: 1015, finishedAtMs: 1035 },
    },
    ...(status === 'failed' && { error: { code: 'STEP_TIMEOUT', message: 'slow' } }),
  } as unknown as TaskState
}

/** What a generator would have seen: 200 answers of 10 ms in each of four stages, and as many small reports of 100 ms. */
export function sampleGenerated(over: Partial<GeneratorResult> = {}): GeneratorResult {
  const recorder = new Recorder(60_000)
  const ledger = new TaskLedger()
  for (let stage = 0; stage < 4; stage++) {
    for (let i = 0; i < 200; i++) {
      const transport = i % 2 === 0 ? 'rest' : 'grpc'
      recorder.answered({ kind: 'submit', group: 'api', transport, stage }, 10)
      recorder.answered({ kind: 'small report', group: 'task', transport, stage }, 100)
      const id = `t${stage}-${i}`
      ledger.accept(id, { kind: 'small report', ends: 'completed' })
      ledger.settle(id, sampleTask(id))
    }
    recorder.turn((stage + 1) * 1000, 25 * (stage + 1))
  }
  return {
    startedAtMs: 1_767_323_045_000,
    ranMs: 60_000,
    settledMs: 1000,
    isBrokenOff: false,
    bucketMs: recorder.bucketMs,
    timeline: recorder.timeline,
    series: recorder.series,
    activities: { report: { done: 800, refused: 0, error: 0, stopped: 0, unexpected: {} } },
    tasks: ledger.outcomes,
    lostIds: [],
    notRemembered: 0,
    hints: { given: 0, missing: 0, letIn: 0, refusedAgain: 0, gaveUp: 0 },
    own: { loopP99Ms: 1, loopMaxMs: 4, lateP99Ms: 2, lateMaxMs: 5, cpuShare: 0.1 },
    probes: [],
    reportEndsAtMs: [],
    notSent: 0,
    ...over,
  }
}

export function sampleResult(over: Partial<GeneratorResult> = {}): LoadResult {
  return summarize({
    scenario: scenarioOf('baseline')!,
    target: { kind: 'local', about: 'NATS, Redis, orchestrator' },
    transports: ['rest', 'grpc'],
    seed: 1,
    origin: SAMPLE_ORIGIN,
    generated: sampleGenerated(over),
    kills: [],
  })
}
