import t from 'tap'
import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { getTaskLogResponseSchema } from '#schemas/task-log.ts'
import { decide } from '#workflow/decide/decide.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { endOfTask, startService } from '../../support/services.ts'
import { openRest, readEvents } from '../edge-fixture.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const { url } = await openRest(t, bus)

async function submit(steps: object[], more: object = {}): Promise<string> {
  const answer = await fetch(`${url}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 'plan', plan: { steps }, ...more }),
  })
  return ((await answer.json()) as { taskId: string }).taskId
}

async function readLog(taskId: string, limit = 500): Promise<LogEvent[]> {
  const events: LogEvent[] = []
  let query = `limit=${limit}`
  for (;;) {
    const answer = await fetch(`${url}/v1/tasks/${taskId}/log?${query}`)
    t.equal(answer.status, 200)
    const page = getTaskLogResponseSchema.parse(await answer.json())
    t.ok(page.isWhole)
    t.ok(page.events.length <= limit)
    events.push(...(page.events as unknown as LogEvent[]))
    if (page.nextSeq === undefined) return events
    query = `limit=${limit}&afterSeq=${page.nextSeq}`
  }
}

t.test('the log of a task, folded again, is the task; its tokens are not in it', async (t) => {
  const steps = [
    { id: 'a', agent: 'noop-a', input: { payload: 'x' } },
    { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: 'y' } },
  ]
  // Others lie between.
  const others = await Promise.all(Array.from({ length: 30 }, () => submit(steps)))
  const taskId = await submit(steps)
  others.push(...(await Promise.all(Array.from({ length: 30 }, () => submit(steps)))))
  const task = await endOfTask(bus, taskId)
  for (const limit of [500, 1]) {
    const events = await readLog(taskId, limit)
    t.strictSame([events[0]?.kind, events.at(-1)?.kind], ['accepted', 'result'])
    t.ok(events.every((event) => event.body.taskId === taskId && !('token' in event.body)))
    let state: TaskState | undefined
    for (const event of events) state = decide(state, event, { keepFinishedMs: 1000 }).state
    t.match(state, { status: 'completed', rev: task.rev, seq: task.seq, finishedAtMs: task.finishedAtMs })
  }
})

t.test('what is asked for wrongly is refused, and what is not there is not found', async (t) => {
  t.equal((await fetch(`${url}/v1/tasks/t1/log?limit=0`)).status, 400)
  t.equal((await fetch(`${url}/v1/tasks/t1/log?since=0`)).status, 400)
  t.match(await (await fetch(`${url}/v1/tasks/tnone/log`)).json(), { code: 'TASK_NOT_FOUND' })
})

t.test('all tasks are watched: a new one is told, and how it goes on', async (t) => {
  const abort = new AbortController()
  const response = await fetch(`${url}/v1/tasks/events`, { signal: abort.signal })
  t.match(response.headers.get('content-type'), 'text/event-stream')
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
  const taskId = await submit([{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }], {
    labels: { run: 'feed' },
  })
  let text = ''
  const isTold = () =>
    text.includes(`"id":"${taskId}"`) && /"status":"completed"/.test(text.slice(text.indexOf(taskId)))
  while (!isTold()) text += (await reader.read()).value
  t.match(text, /"labels":\{"run":"feed"\}/)
  const [, seq] = /id: (\d+)\nevent: tasks/.exec(text) ?? []
  abort.abort()
  t.ok(Number(seq) > 0)
  t.equal((await fetch(`${url}/v1/tasks/events?status=failed`)).status, 400)
  const single = await readEvents(`${url}/v1/tasks/${taskId}/events`)
  t.strictSame(
    single.map(({ event }) => event),
    ['snapshot', 'end'],
    'one task is watched as before',
  )
})
