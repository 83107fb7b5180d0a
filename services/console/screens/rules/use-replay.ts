import { useEffect, useRef, useState } from 'react'
import type { RulesReplay } from '#schemas/rules-replay.ts'
import type { TaskState } from '#schemas/task.ts'
import { api, ask } from '../../data/api.ts'
import { nowMs, sleep } from '../../data/clock.ts'
import { ProblemError, toProblemError } from '../../data/problem.ts'
import { type Draft, plain } from './draft.ts'

const DEADLINE_MS = 600_000
const POLL_MS = 400

export type ReplayState =
  | { readonly state: 'none' }
  | { readonly state: 'running'; readonly taskId: string | undefined }
  | { readonly state: 'done'; readonly result: RulesReplay; readonly taskId: string; readonly draft: Draft }
  | { readonly state: 'failed'; readonly problem: ProblemError }

/** What rules would have raised over the past: a task like any other, whose answer is shown. */
export function useReplay(camera: string) {
  const [replay, setReplay] = useState<ReplayState>({ state: 'none' })
  const current = useRef(new AbortController())
  useEffect(() => () => current.current.abort(), [])
  const start = async (draft: Draft, lengthMs: number) => {
    current.current.abort()
    const stop = new AbortController()
    current.current = stop
    setReplay({ state: 'running', taskId: undefined })
    try {
      const toMs = nowMs()
      const { zones, lines, rules, ignore } = plain(draft)
      const input = { camera, fromMs: toMs - lengthMs, toMs, zones, lines, rules, ...(ignore && { ignore }) }
      const body = {
        type: 'plan',
        deadlineMs: DEADLINE_MS,
        labels: { console: 'rules-preview', camera },
        plan: {
          steps: [{ id: 'replay', agent: 'rules-replay', input, timeoutMs: DEADLINE_MS }],
          output: { $from: 'steps.replay.output' },
        },
      }
      const { taskId } = await ask(api.POST('/v1/tasks', { body: body as never, signal: stop.signal }))
      setReplay({ state: 'running', taskId })
      const task = await endOf(taskId!, stop.signal)
      if (task.status !== 'completed') {
        const { code = 'TASK_FAILED', message = `the task is ${task.status}` } = task.error ?? {}
        throw new ProblemError({ code, message, fix: `Read the task ${taskId}: its log says why.` })
      }
      const params = { path: { id: taskId! } }
      const result = (await ask(
        api.GET('/v1/tasks/{id}/result', { params, signal: stop.signal }),
      )) as unknown as RulesReplay
      setReplay({ state: 'done', result, taskId: taskId!, draft })
    } catch (error) {
      if (!stop.signal.aborted) setReplay({ state: 'failed', problem: toProblemError(error) })
    }
  }
  return { replay, start }
}

/** A task when it is over. @throws ProblemError; AbortError */
export async function endOf(taskId: string, signal: AbortSignal): Promise<TaskState> {
  for (;;) {
    const { task } = await ask(api.GET('/v1/tasks/{id}', { params: { path: { id: taskId } }, signal }))
    const state = task as TaskState
    if (state.finishedAtMs !== undefined) return state
    await sleep(POLL_MS, signal)
    signal.throwIfAborted()
  }
}
