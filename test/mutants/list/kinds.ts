import type { Mutant } from '../mutant.ts'

const FOR_EACH = 'services/workflow/decide/for-each.ts'
const REPEAT = 'services/workflow/decide/repeat.ts'
const BEGIN = 'services/workflow/decide/begin-step.ts'
const ENDINGS = 'services/workflow/decide/step-endings.ts'
const TASK_ENDING = 'services/workflow/decide/task-ending.ts'
const COMMANDS = 'services/workflow/decide/commands.ts'
const TESTS = [
  'test/workflow/decide/for-each.test.ts',
  'test/workflow/decide/repeat.test.ts',
  'test/workflow/decide/begin-step.test.ts',
  'test/workflow/decide/step-endings.test.ts',
  'test/workflow/decide/task-ending.test.ts',
  'test/workflow/decide/child-order.test.ts',
  'test/workflow/decide/decide-kinds.property.test.ts',
] as const

/** Lists, loops, conditions, fallbacks, compensations and child tasks. */
export const KIND_MUTANTS: readonly Mutant[] = [
  {
    name: 'one-item-too-many-at-a-time',
    file: FOR_EACH,
    find: 'let room = concurrency - Object.keys(runs).length',
    replace: 'let room = concurrency + 1 - Object.keys(runs).length',
    why: 'More items run at the same time than the plan allows.',
    tests: TESTS,
  },
  {
    name: 'same-item-again',
    file: FOR_EACH,
    find: 'if (next !== items.next) draft.change(step.id, { items: { ...items, next } })',
    replace: '',
    why: 'The first items run again and again.',
    tests: TESTS,
  },
  {
    name: 'list-over-too-early',
    file: FOR_EACH,
    find: "if (over === ended.total) draft.begin(runIdOf(step.id, 'outputs'))",
    replace: "if (ended.next === ended.total) draft.begin(runIdOf(step.id, 'outputs'))",
    why: 'The outputs are put together while items are still out.',
    tests: TESTS,
  },
  {
    name: 'failed-items-always-may',
    file: FOR_EACH,
    find: "else if (step.forEach?.onItemFailure === 'continue')",
    replace: "else if (step.forEach?.onItemFailure !== undefined || step.id !== '')",
    why: 'A list completes with items that failed, though its plan does not say so.',
    tests: TESTS,
  },
  {
    name: 'items-are-never-forgotten',
    file: FOR_EACH,
    find: "    draft.drop(step.id)\n    return end.kind === 'failed' ? end : { kind: 'completed', output: end.output }",
    replace: "    return end.kind === 'failed' ? end : { kind: 'completed', output: end.output }",
    why: 'What was kept of a list stays in the store for ever.',
    tests: TESTS,
  },
  {
    name: 'one-iteration-more',
    file: REPEAT,
    find: 'if (iteration >= maxIterations) {',
    replace: 'if (iteration > maxIterations) {',
    why: 'A loop runs once more than its plan allows.',
    tests: TESTS,
  },
  {
    name: 'loop-without-a-pause',
    file: REPEAT,
    find: 'draft.begin(runIdOf(step.id, iteration + 1), delayMs)',
    replace: 'draft.begin(runIdOf(step.id, iteration + 1))',
    why: 'A loop asks without a pause.',
    tests: TESTS,
  },
  {
    name: 'condition-upside-down',
    file: BEGIN,
    find: "return holds.value ? beginKind(draft, step) : { kind: 'skipped' }",
    replace: "return holds.value ? { kind: 'skipped' } : beginKind(draft, step)",
    why: 'Steps run when their condition does not hold.',
    tests: TESTS,
  },
  {
    name: 'skipped-way-goes-on',
    file: BEGIN,
    find: "needs.every((id) => steps[id]?.status === 'skipped')",
    replace: "needs.some((id) => steps[id]?.status === 'skipped')",
    why: 'Where two ways come together, both have to be taken.',
    tests: TESTS,
  },
  {
    name: 'fallback-for-ever',
    file: ENDINGS,
    find: 'if (step.fallback && !draft.step(id).fellBack) {',
    replace: 'if (step.fallback) {',
    why: 'A fallback that fails falls back to itself.',
    tests: TESTS,
  },
  {
    name: 'fallback-beside-its-step',
    file: ENDINGS,
    find: '  draft.closeRuns(step.id)\n  draft.change(step.id, { status:',
    replace: '  draft.change(step.id, { status:',
    why: 'Items of a list go on running beside its fallback.',
    tests: TESTS,
  },
  {
    name: 'nothing-is-undone',
    file: TASK_ENDING,
    find: 'if (first === undefined) {',
    replace: 'if (first === undefined || status) {',
    why: 'A task that fails leaves what its steps have done.',
    tests: TESTS,
  },
  {
    name: 'undone-in-the-order-it-was-done',
    file: TASK_ENDING,
    find: 'completedSeq >= last.seq',
    replace: 'completedSeq < last.seq',
    why: 'What was done first is undone first.',
    tests: TESTS,
  },
  {
    name: 'undone-again',
    file: TASK_ENDING,
    find: "if (end.kind === 'done') draft.change(stepId, { compensated: 'completed' })",
    replace: "if (end.kind === 'done') draft.change(stepId, {})",
    why: 'The same step is undone again and again.',
    tests: TESTS,
  },
  {
    name: 'children-go-on',
    file: COMMANDS,
    find: "return [{ kind: 'CancelChild', childId: childIdOf(state.id, runId, attempt) }]",
    replace: 'return []',
    why: 'Children of a task that was cancelled go on for nothing.',
    tests: TESTS,
  },
  {
    name: 'children-called-back-once',
    file: COMMANDS,
    find: "const isOver = status === 'cancelled' ||",
    replace: "const isOver = status === 'waiting' ||",
    why: 'A child whose owner died before it could be called back goes on for nothing.',
    tests: TESTS,
  },
  {
    name: 'parents-wait-for-ever',
    file: 'services/workflow/decide/transitions.ts',
    find: "if (state.parent) this.commands.push({ kind: 'ReportToParent' })",
    replace: '',
    why: 'Nobody tells a parent how its child ended.',
    tests: TESTS,
  },
]
