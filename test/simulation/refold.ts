import { isDeepStrictEqual } from 'node:util'
import type { LogEvent, TaskAccepted } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { childIdOf } from '#workflow/decide/child-id.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import { decide } from '#workflow/decide/decide.ts'
import { runStateOf } from '#workflow/decide/find-run.ts'
import type { Turn } from '../support/simulated-task.ts'
import type { History, Snapshot } from './history.ts'
import { FOLD_OPTIONS, withoutFence } from './simulated-owner.ts'
import type { Protection } from './surroundings.ts'

/** One attempt of a run that the log had sent out, and until when it was waited for. Virtual Unix ms. */
export interface Out {
  kind: 'DispatchStep' | 'StartChild' | 'Evaluate'
  runId: string
  attempt: number
  /** `<task>:<run>:<attempt>`, as message ids begin. */
  id: string
  fromMs: number
  /** Infinity: it is waited for still. */
  untilMs: number
  childId?: string
}

/** A task as its log tells it. */
export interface TaskStory {
  id: string
  accepted: TaskAccepted
  acceptedAtMs: number
  turns: Turn[]
  final: TaskState
  outs: Out[]
}

export interface Refold {
  stories: Map<string, TaskStory>
  /** Where the store had something else than the log gives. */
  differences: string[]
}

/** Folds the logs from their beginning, one event at a time: what everything else is compared with. */
export function refold(history: History, without: ReadonlySet<Protection>): Refold {
  const stories = new Map<string, TaskStory>()
  const differences: string[] = []
  for (const [partition, log] of history.logs.entries()) {
    const states = new Map<string, TaskState>()
    const kept = new Map<string, Map<number, KeptItem['outcome']>>()
    const snapshots = history.snapshots.filter((one) => one.partition === partition)
    const compare = (seq: number) => {
      for (const one of snapshots) if (one.offset === seq) differences.push(...compared(one, states, kept))
    }
    compare(0)
    for (const [i, event] of log.entries()) {
      fold(event, { states, kept, stories, without })
      // The store has all events of a message, or none.
      if (log[i + 1]?.seq !== event.seq) compare(event.seq)
    }
    const last = snapshots.at(-1)
    const lastSeq = log.at(-1)?.seq ?? 0
    if (last?.offset !== lastSeq)
      differences.push(`partition ${partition} was folded up to ${last?.offset} of ${lastSeq}`)
  }
  return { stories, differences }
}

function fold(
  event: LogEvent,
  about: {
    states: Map<string, TaskState>
    kept: Map<string, Map<number, KeptItem['outcome']>>
    stories: Map<string, TaskStory>
    without: ReadonlySet<Protection>
  },
): void {
  const { states, kept: allKept, stories, without } = about
  const id = event.body.taskId
  const before = states.get(id)
  const seen = without.has('attempt-fence') ? withoutFence(before, event) : event
  const { state: after, commands, kept, dropped } = decide(before, seen, FOLD_OPTIONS)
  if (!after) return
  states.set(id, after)
  for (const stepId of dropped ?? []) allKept.delete(`${id} ${stepId}`)
  for (const { stepId, index, outcome } of kept ?? []) {
    const list = allKept.get(`${id} ${stepId}`) ?? new Map()
    allKept.set(`${id} ${stepId}`, list.set(index, outcome))
  }
  let story = stories.get(id)
  if (!story) {
    if (event.kind !== 'accepted') throw new Error(`task ${id} began with ${event.kind}`)
    story = {
      ...{ id, accepted: event.body, acceptedAtMs: event.atMs, turns: [], final: after, outs: [] },
    }
    stories.set(id, story)
  }
  const turn: Turn = { event, before, after, commands, ...(kept && { kept }), ...(dropped && { dropped }) }
  story.turns.push(turn)
  story.final = after
  noteOuts(story, turn)
}

function noteOuts({ id: taskId, outs }: TaskStory, { event, after, commands }: Turn): void {
  for (const { kind, ...rest } of commands) {
    if (kind !== 'DispatchStep' && kind !== 'StartChild' && kind !== 'Evaluate') continue
    const { stepId: runId, attempt } = rest as { stepId: string; attempt: number }
    const out: Out = {
      ...{ kind, runId, attempt, id: `${taskId}:${runId}:${attempt}` },
      ...{ fromMs: event.atMs, untilMs: Number.POSITIVE_INFINITY },
      ...(kind === 'StartChild' && { childId: childIdOf(taskId, runId, attempt) }),
    }
    outs.push(out)
  }
  for (const out of outs) {
    if (Number.isFinite(out.untilMs)) continue
    const run = runStateOf(after!, out.runId)
    const isOut = run?.status === 'dispatched' && run.attempt === out.attempt && !isTerminal(after!.status)
    if (!isOut) out.untilMs = event.atMs
  }
}

function compared(
  { partition, offset, states: stored, items, approvals }: Snapshot,
  states: Map<string, TaskState>,
  kept: Map<string, Map<number, KeptItem['outcome']>>,
): string[] {
  const place = `in partition ${partition} at ${offset}`
  const differences: string[] = []
  for (const id of new Set([...states.keys(), ...stored.keys()]))
    if (!isDeepStrictEqual(plain(states.get(id)), plain(stored.get(id))))
      differences.push(`task ${id} is another one in the store ${place}`)
  for (const [name, outcomes] of items) {
    const list = kept.get(name)
    const expected = outcomes.map((_, index) => list?.get(index))
    if (!isDeepStrictEqual(outcomes, expected)) differences.push(`other items are kept of ${name} ${place}`)
  }
  const open = [...states.values()].flatMap((state) =>
    isTerminal(state.status)
      ? []
      : Object.entries(state.steps).flatMap(([stepId, { status, attempt }]) =>
          status === 'awaiting-approval' ? [`${state.id} ${stepId} ${attempt}`] : [],
        ),
  )
  if (!isDeepStrictEqual(open.sort(), approvals.toSorted()))
    differences.push(`other approvals are open in the store ${place}`)
  return differences
}

/** As it is written: a field that is undefined is none. */
function plain(state: TaskState | undefined): unknown {
  return state && JSON.parse(JSON.stringify(state))
}
