import type { BlobRef } from '../../../schemas/blob.ts'
import { type Action, type Activity, gainOf, isLost, type TaskKind, type Turn, type World } from './action.ts'
import { type FileName, SOURCE_NAMES } from './files.ts'
import { thinkMs } from './think-time.ts'

/** Seven of ten reports are small: a text in the submission and a table that is uploaded. The rest have texts, tables and pictures. */
const SMALL_SHARE = 0.7
/** Whoever does not watch looks again this often, on average. */
const POLL_MS = 400
/** Between two files, and before the result is read. */
const SHORT_MS = 400
/** Who wants a report wants it within a time: what can't be done by then is refused, with a time to come back. */
const SMALL_DEADLINE_MS = 120_000
const LARGE_DEADLINE_MS = 180_000
const SMALL: readonly FileName[] = ['climate-by-year.csv']
const TEXT =
  '# Temperatures\n\nThe last ten years were the ten warmest since measurements began. Sea ice has shrunk by 13 % a decade.'

interface Plan {
  readonly kind: TaskKind
  readonly files: readonly FileName[]
  readonly watches: boolean
}
type State = Plan & {
  readonly at: 'upload' | 'pause' | 'submit' | 'watch' | 'poll' | 'wait' | 'read' | 'fetch'
  readonly refs: readonly BlobRef[]
  readonly taskId: string
}

/** Uploads sources, asks for a report on them, follows it to its end, and reads what came of it. */
export const reportUser: Activity<State> = {
  name: 'report',
  start({ draw }) {
    const isSmall = draw() < SMALL_SHARE
    const plan: Plan = {
      kind: isSmall ? 'small report' : 'large report',
      files: isSmall ? SMALL : SOURCE_NAMES,
      watches: draw() < 0.5,
    }
    return upload({ ...plan, at: 'upload', refs: [], taskId: '' })
  },
  next(state, answer, world) {
    if (isLost(answer)) return { state, action: { do: 'end' } }
    switch (state.at) {
      case 'upload': {
        const refs = [...state.refs, gainOf('upload', answer)]
        return {
          state: { ...state, at: 'pause', refs },
          action: { do: 'think', ms: thinkMs(world.draw(), SHORT_MS) },
        }
      }
      case 'pause':
        return state.refs.length < state.files.length ? upload(state) : submit(state, world)
      case 'submit':
        return follow({ ...state, taskId: gainOf('submit', answer).taskId })
      case 'wait':
        return follow(state)
      case 'watch':
      case 'poll': {
        const { status, code } = gainOf('getTask', answer)
        if (status === 'completed')
          return {
            state: { ...state, at: 'read' },
            action: { do: 'ask', ask: { op: 'listArtifacts', taskId: state.taskId } },
          }
        if (status === 'failed' || status === 'cancelled')
          return {
            state,
            action: { do: 'end', unexpected: `a ${state.kind} ${status}: ${code ?? 'without a code'}` },
          }
        return {
          state: { ...state, at: 'wait' },
          action: { do: 'think', ms: thinkMs(world.draw(), POLL_MS) },
        }
      }
      case 'read': {
        const [blob] = gainOf('listArtifacts', answer).blobs
        if (blob === undefined)
          return { state, action: { do: 'end', unexpected: `a ${state.kind} without a page` } }
        return { state: { ...state, at: 'fetch' }, action: { do: 'ask', ask: { op: 'download', blob } } }
      }
      case 'fetch':
        return { state, action: { do: 'end' } }
    }
  },
}

function upload(state: State): Turn<State> {
  const file = state.files[state.refs.length]!
  return { state: { ...state, at: 'upload' }, action: { do: 'ask', ask: { op: 'upload', file } } }
}

function submit(state: State, { name }: World): Turn<State> {
  const uploaded = state.refs.map((blob, i) => ({ name: state.files[i]!, blob }))
  const sources = state.kind === 'small report' ? [{ name: 'summary.md', text: TEXT }, ...uploaded] : uploaded
  const submission = {
    type: 'report',
    input: { title: `Load ${name}`, sources },
    deadlineMs: state.kind === 'small report' ? SMALL_DEADLINE_MS : LARGE_DEADLINE_MS,
    labels: { load: 'report' },
  }
  const action: Action = {
    do: 'ask',
    ask: { op: 'submit', submission },
    task: { kind: state.kind, ends: 'completed' },
  }
  return { state: { ...state, at: 'submit' }, action }
}

function follow(state: State): Turn<State> {
  const { taskId, kind, watches } = state
  const op = watches ? 'watchTask' : 'getTask'
  return {
    state: { ...state, at: watches ? 'watch' : 'poll' },
    action: { do: 'ask', ask: { op, taskId }, endsTask: kind },
  }
}
