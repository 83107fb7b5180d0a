import type { Mutant } from '../mutant.ts'

const JUDGE = 'services/orchestrator/registry/judge-start.ts'
const LIVES = 'services/orchestrator/registry/process-liveness.ts'
const DEAD = 'services/orchestrator/registry/dead-letters.ts'
const TESTS = [
  'test/orchestrator/registry/judge-start.test.ts',
  'test/orchestrator/registry/step-starts.test.ts',
] as const
const DEAD_TESTS = ['test/orchestrator/registry/dead-letters.test.ts'] as const

/** Who ran what when it died, and what the broker says of messages that nobody answers. */
export const EVIDENCE_MUTANTS: readonly Mutant[] = [
  {
    name: 'unknown-to-a-store-that-is-behind',
    file: 'services/orchestrator/registry/step-states.ts',
    find: 'if (isSure && offset >= last) return states',
    replace: 'if (isSure || offset >= last) return states',
    why: 'After a restore of Redis, results of tasks that it does not know yet are thrown away, and the tasks stand until their deadline.',
    tests: ['test/orchestrator/registry/step-starts.test.ts'],
  },
  {
    name: 'guilty-among-others',
    file: JUDGE,
    find: 'if (!run?.alone || isRunBy(current, requester)) return RUN',
    replace: 'if (!run || isRunBy(current, requester)) return RUN',
    why: 'A step is marked because a neighbour took their process down.',
    tests: TESTS,
  },
  {
    name: 'doubt-counts-against-it',
    file: JUDGE,
    find: "if (life === 'unsure') return 'undecided'",
    replace: '',
    why: 'Whether the process lives is not waited for.',
    tests: TESTS,
  },
  {
    name: 'expired-steps-run',
    file: JUDGE,
    find: "if (current.expiresAtMs !== undefined && nowMs > current.expiresAtMs) return drop('expired')",
    replace: '',
    why: 'An attempt whose time in the queue is over is run.',
    tests: TESTS,
  },
  {
    name: 'ahead-of-the-store',
    file: JUDGE,
    find: 'if (step.attempt > current.attempt) return RUN',
    replace: "if (step.attempt > current.attempt) return drop('superseded')",
    why: 'After a loss in Redis healthy attempts are thrown away.',
    tests: TESTS,
  },
  {
    name: 'ended-tasks-run',
    file: JUDGE,
    find: "if (isTerminal(state.status) || nowMs > state.deadlineAtMs) return drop('task-finished')",
    replace: '',
    why: 'Work outlives the task that it was for.',
    tests: TESTS,
  },
  {
    name: 'deaf-orchestrators-judge',
    file: LIVES,
    find: "return isHearing && silentMs > SILENT_MS ? 'dead' : 'unsure'",
    replace: "return silentMs > SILENT_MS ? 'dead' : 'unsure'",
    why: 'Whoever hears nobody takes everybody for dead.',
    tests: [...TESTS, 'test/orchestrator/registry/process-liveness.test.ts'],
  },
  {
    name: 'leaving-is-dying',
    file: LIVES,
    find: "if (!heard?.isWorking) return 'unknown'",
    replace: "if (!heard) return 'unknown'",
    why: 'A process that was told to stop counts as crashed.',
    tests: [...TESTS, 'test/orchestrator/registry/process-liveness.test.ts'],
  },
  {
    name: 'advisories-not-heard',
    file: DEAD,
    find: "this.#end = this.#deps.bus.subscribe(MAX_DELIVERIES_ADVISORY, onMessage, { queue: 'orchestrators' })",
    replace: 'void onMessage',
    why: 'A message that was handed out too often lies in its queue for ever, and its task waits.',
    tests: DEAD_TESTS,
  },
  {
    name: 'given-up-and-left-there',
    file: DEAD,
    find: 'await bus.streams.deleteMessage(STREAMS.steps.name, seq)',
    replace: '',
    why: 'What was given up stays in the stream and takes its room.',
    tests: DEAD_TESTS,
  },
  {
    name: 'deliveries-are-a-verdict',
    file: DEAD,
    find: "outcome: { kind: 'retry', error: { code: 'DELIVERIES_EXHAUSTED', message } },",
    replace: "outcome: { kind: 'fail', error: { code: 'DELIVERIES_EXHAUSTED', message } },",
    why: 'A healthy step fails for good because of what the transport did.',
    tests: DEAD_TESTS,
  },
]
