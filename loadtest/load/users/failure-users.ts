import type { BlobRef } from '../../../schemas/blob.ts'
import {
  type Action,
  type Activity,
  type AnyActivity,
  gainOf,
  isLost,
  type Turn,
  type World,
} from './action.ts'
import { LOAD_AGENTS } from './agent-names.ts'
import { BROKEN_NAMES } from './files.ts'
import { thinkMs } from './think-time.ts'

/** A step that hangs is given up after this. */
const HANG_TIMEOUT_MS = 500
/** Whoever vanishes is gone after this, on average: before the answer or behind it. */
const VANISH_MS = 4

interface Following {
  readonly at: 'upload' | 'submit' | 'cancel' | 'end'
  readonly file: (typeof BROKEN_NAMES)[number]
  readonly taskId: string
}
const BEGIN: Following = { at: 'submit', file: BROKEN_NAMES[0], taskId: '' }

/** A report on a file that can't be read: it ends, and says so. */
const brokenFile: Activity<Following> = {
  name: 'broken file',
  start({ draw }) {
    const file = BROKEN_NAMES[Math.floor(draw() * BROKEN_NAMES.length)]!
    return {
      state: { at: 'upload', file, taskId: '' },
      action: { do: 'ask', ask: { op: 'upload', file } },
    }
  },
  next(state, answer) {
    if (isLost(answer)) return over(state)
    if (state.at !== 'upload') return followed(state, answer, 'any')
    const blob: BlobRef = gainOf('upload', answer)
    const submission = {
      type: 'report',
      input: { title: 'Broken', sources: [{ name: state.file, blob }] },
      labels: { load: 'failure' },
    }
    return { state: { ...state, at: 'submit' }, action: submitted(submission, 'any') }
  },
}

/** A plan that names an agent that nobody runs is refused. */
const unknownAgent: Activity<null> = {
  name: 'unknown agent',
  start: () => ({
    state: null,
    action: {
      do: 'ask',
      ask: {
        op: 'submit',
        submission: {
          type: 'plan',
          plan: { steps: [{ id: 'a', agent: 'load-nobody' }] },
        },
      },
      takes: ['UNKNOWN_AGENT'],
      task: { kind: 'failing task', ends: 'any' },
    },
  }),
  next: (state, answer) => ({
    state,
    // What is taken comes back as a refusal that was asked for.
    action: answer?.ok
      ? { do: 'end', unexpected: 'a plan with an unknown agent was accepted' }
      : { do: 'end' },
  }),
}

/** Changes its mind: the task has not begun when it is cancelled. */
const cancels: Activity<Following> = {
  name: 'cancelled task',
  start: () => ({
    state: BEGIN,
    action: submitted(
      {
        type: 'plan',
        delayMs: 600_000,
        labels: { load: 'failure' },
        plan: { steps: [{ id: 'a', agent: 'ingest', input: { name: 'a.md', text: '# A' } }] },
      },
      'cancelled',
    ),
  }),
  next(state, answer) {
    if (isLost(answer)) return over(state)
    if (state.at === 'submit') {
      const { taskId } = gainOf('submit', answer)
      return {
        state: { ...state, at: 'cancel', taskId },
        action: { do: 'ask', ask: { op: 'cancelTask', taskId } },
      }
    }
    if (state.at === 'cancel')
      return {
        state: { ...state, at: 'end' },
        action: { do: 'ask', ask: { op: 'watchTask', taskId: state.taskId } },
      }
    return followed(state, answer, 'cancelled')
  },
}

/** Its submission is on its way when it is gone; the same submission once more, by somebody who stays, is the same task. */
const vanishes: Activity<Following & { submission: object }> = {
  name: 'vanishing client',
  start({ name, draw }) {
    const submission = {
      type: 'report',
      idempotencyKey: `load-${name}`,
      input: { title: 'Vanished', sources: [{ name: 'a.md', text: '# A\n\nSales rose by 4 %.' }] },
      labels: { load: 'failure' },
    }
    const ask = { op: 'vanish', submission, afterMs: thinkMs(draw(), VANISH_MS) } as const
    return { state: { ...BEGIN, at: 'upload', submission }, action: { do: 'ask', ask } }
  },
  next(state, answer) {
    if (isLost(answer)) return over(state)
    if (state.at === 'upload')
      return { state: { ...state, at: 'submit' }, action: submitted(state.submission, 'completed') }
    return { ...followed(state, answer, 'completed'), state: { ...state, ...idOf(state, answer) } }
  },
}

/** Half of a file comes, and nothing more. */
const vanishesUploading: Activity<null> = {
  name: 'broken-off upload',
  start: () => ({ state: null, action: { do: 'ask', ask: { op: 'vanishUpload', file: 'sea-ice.png' } } }),
  next: (state) => ({ state, action: { do: 'end' } }),
}

/** A plan whose only step fails: the task fails with the code that the agent gave. */
const failingAgent = ending('failing agent', { agent: LOAD_AGENTS.fails, input: {} }, 'LOAD_TEST_FAILURE')
/** One whose only step hangs: it is given up. */
const hangingAgent = ending(
  'hanging agent',
  { agent: LOAD_AGENTS.hangs, input: {}, timeoutMs: HANG_TIMEOUT_MS, retry: { maxAttempts: 1 } },
  'STEP_TIMEOUT',
)

function ending(name: string, step: object, code: string): Activity<Following> {
  const submission = {
    type: 'plan',
    labels: { load: 'failure' },
    plan: { steps: [{ id: 'a', ...step }] },
  }
  return {
    name,
    start: () => ({ state: BEGIN, action: submitted(submission, 'failed') }),
    next: (state, answer) => (isLost(answer) ? over(state) : followed(state, answer, 'failed', code)),
  }
}

/** From the submission to the end, and how that was to be. */
function followed(
  state: Following,
  answer: Parameters<AnyActivity['next']>[1],
  ends: 'completed' | 'failed' | 'cancelled' | 'any',
  wanted?: string,
): Turn<Following> {
  if (state.at === 'submit') {
    const { taskId } = gainOf('submit', answer)
    return {
      state: { ...state, at: 'end', taskId },
      action: { do: 'ask', ask: { op: 'watchTask', taskId }, endsTask: 'failing task' },
    }
  }
  const { status, code } = gainOf('watchTask', answer)
  const isExpected = ends === 'any' || (status === ends && (wanted === undefined || code === wanted))
  if (isExpected) return over(state)
  return {
    state,
    action: { do: 'end', unexpected: `${status} with ${code ?? 'no code'} where ${ends} was to come` },
  }
}

function idOf(state: Following, answer: Parameters<AnyActivity['next']>[1]): Partial<Following> {
  return state.at === 'submit' ? { at: 'end', taskId: gainOf('submit', answer).taskId } : {}
}

function submitted(submission: object, ends: 'completed' | 'failed' | 'cancelled' | 'any'): Action {
  return { do: 'ask', ask: { op: 'submit', submission }, task: { kind: 'failing task', ends } }
}

function over<State>(state: State): Turn<State> {
  return { state, action: { do: 'end' } }
}

/** The failures that go on beside the rest, each as often as the others; what needs agents of the local stack only where they are. */
export function failuresFor({ agents }: Pick<World, 'agents'>): readonly AnyActivity[] {
  const anywhere = [brokenFile, unknownAgent, cancels, vanishes, vanishesUploading]
  const local = [failingAgent, hangingAgent]
  return (agents.has(LOAD_AGENTS.fails) ? [...anywhere, ...local] : anywhere) as AnyActivity[]
}
