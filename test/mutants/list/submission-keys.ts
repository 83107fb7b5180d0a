import type { Mutant } from '../mutant.ts'

const DECIDE = 'services/workflow/submission-keys/decide-key.ts'
const KEYED = 'services/orchestrator/submission-keys/keyed-submissions.ts'
const PUBLISH_AFTER = 'services/platform/nats/publish-after.ts'
const HELD = 'services/workflow/decide/due.ts'
const DECIDE_TESTS = [
  'test/workflow/submission-keys/decide-key.test.ts',
  'test/workflow/submission-keys/decide-key.property.test.ts',
] as const
const KEYED_TESTS = ['test/orchestrator/submission-keys/keyed-submissions.test.ts'] as const
const STORE_TESTS = ['test/orchestrator/submission-keys/submission-key-store.test.ts'] as const
const HELD_TESTS = ['test/workflow/decide/held-task.test.ts'] as const

/** Singleton and debounce: one task of a key, and the last input. */
export const SUBMISSION_KEY_MUTANTS: readonly Mutant[] = [
  {
    name: 'key-replacer-starts-at-once',
    file: DECIDE,
    find: "{ ...accepted, v: 2, held: 'singleton' }",
    replace: '{ ...accepted, v: 2 }',
    why: 'Two tasks of a singleton key run at the same time, while the first one is cancelled.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'key-forgets-who-is-replaced',
    file: DECIDE,
    find: 'holderEnded ? replacing.at(-1) :',
    replace: 'holderEnded ? undefined :',
    why: 'A task begins beside one that is being cancelled, when the one between them has ended.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'key-claim-not-marked',
    file: DECIDE,
    find: '    unpublished: true,\n',
    replace: '',
    why: 'A task that was accepted is lost with an orchestrator that dies before it is in the log.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'debounce-merges-when-decided',
    file: DECIDE,
    find: 'window.closed ||',
    replace: '',
    why: 'A submission is merged into a task that has started with another input.',
    tests: DECIDE_TESTS,
  },
  {
    name: 'debounce-decided-after-it-was-told',
    file: KEYED,
    find: 'const written = await keys.write(subject, decided, seq)',
    replace: 'const written: number | undefined = seq',
    why: 'A submission is merged into a task that is being started, and is lost.',
    tests: KEYED_TESTS,
  },
  {
    name: 'key-written-over',
    file: PUBLISH_AFTER,
    find: '      expectedLastSeq: afterSeq,\n',
    replace: '',
    why: 'Two orchestrators start a task of the same key.',
    tests: STORE_TESTS,
  },
  {
    name: 'held-task-starts-by-its-timer',
    file: HELD,
    find: "if (state.status === 'scheduled' && state.held) return deadlineAtMs",
    replace: '',
    why: 'A debounced task starts with the first input.',
    tests: HELD_TESTS,
  },
]
