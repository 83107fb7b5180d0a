import type { Mutant } from '../mutant.ts'

const DECIDE = 'services/workflow/schedule/decide-schedule.ts'
const DUE = 'services/workflow/schedule/due-occurrences.ts'
const CRON = 'services/workflow/schedule/cron.ts'
const PUBLISH_AFTER = 'services/platform/nats/publish-after.ts'
const TASK = 'services/workflow/schedule/scheduled-task.ts'
const OUTCOMES = 'services/orchestrator/schedules/run-outcomes.ts'
const DECIDE_TESTS = [
  'test/workflow/schedule/decide-schedule.test.ts',
  'test/workflow/schedule/decide-schedule.property.test.ts',
] as const

/** When schedules start something, and that they start it once. */
export const SCHEDULE_MUTANTS: readonly Mutant[] = [
  {
    name: 'schedule-cursor-stays',
    file: DECIDE,
    find: 'const moved = skip({ ...state, cursorMs: newestMs }',
    replace: 'const moved = skip({ ...state }',
    why: 'The same occurrence is decided again and again.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'schedule-resume-storms',
    file: DECIDE,
    find: 'cursorMs: untilMs, updatedAtMs: nowMs }',
    replace: 'updatedAtMs: nowMs }',
    why: 'What passed while it was paused is caught up on.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'schedule-runs-paused',
    file: DECIDE,
    find: 'const due = state.paused ? undefined : dueOccurrences(state, nowMs)',
    replace: 'const due = dueOccurrences(state, nowMs)',
    why: 'A paused schedule starts tasks.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'schedule-forgets-pending',
    file: DECIDE,
    find: 'return pending.length === 0 && running.length === 0',
    replace: 'return running.length === 0',
    why: 'A run that is decided and not a task yet is overlapped.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'schedule-started-twice',
    file: DECIDE,
    find: `if (pending.length === state.pending.length) return state
  // Triggered`,
    replace: '// Triggered',
    why: 'A run that two have started is counted twice.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'schedule-catches-up-for-ever',
    file: DUE,
    find: "const earliestMs = window.untilMs - (policy === 'skip' ? ON_TIME_MS : windowMs)",
    replace: 'const earliestMs = 0',
    why: 'A run of last week is started today.',
    tests: [...DECIDE_TESTS, 'test/workflow/schedule/due-occurrences.test.ts'],
  },
  {
    name: 'schedule-jitter-ignored',
    file: DUE,
    find: 'untilMs: nowMs - jitterOf(state) }',
    replace: 'untilMs: nowMs }',
    why: 'Schedules that are to be spread start at the same time.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'cron-lists-by-passing-time',
    file: CRON,
    find: "fixedTimeRule: 'no-wildcard',",
    replace: "fixedTimeRule: 'single-value',",
    why: 'A list of times that do not exist in spring is left out on that day.',
    tests: ['test/workflow/schedule/cron.test.ts'],
  },
  {
    name: 'schedule-write-unfenced',
    file: PUBLISH_AFTER,
    find: '      expectedLastSeq: afterSeq,\n',
    replace: '',
    why: 'Of two orchestrators that decide the same, both are heard.',
    tests: ['test/orchestrator/schedules/schedule-store.test.ts'],
  },
  {
    name: 'schedule-key-without-birth',
    file: TASK,
    find: `\`schedule:\${name}:\${createdAtMs}:\${run}\``,
    replace: `\`schedule:\${name}:\${run}\``,
    why: 'A schedule that was deleted and made again finds the tasks of the one before.',
    tests: ['test/workflow/schedule/scheduled-task.test.ts'],
  },
  {
    name: 'schedule-run-gone-too-early',
    file: OUTCOMES,
    find: ': offset >= lastSeq',
    replace: ': true',
    why: 'A task that is not folded yet counts as ended, and is overlapped.',
    tests: ['test/orchestrator/schedules/run-outcomes.test.ts'],
  },
]
