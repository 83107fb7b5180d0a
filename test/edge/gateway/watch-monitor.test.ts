import t from 'tap'
import { monitorRequestExample } from '#schemas/monitor-request.ts'
import { SERVICES } from '#subjects/operations.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { stateOf, tracksOf } from '../../cli/monitor-fixtures.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { openRest } from '../edge-fixture.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
const bus = await openBus(t, servers.natsUrl)
const { url } = await openRest(t, bus)
// Agents that are known and don't work: the test says what the cameras see.
for (const type of ['capture', 'tracking', 'alerting', 'echo'])
  await bus.request(SERVICES.registerAgent, { type, instance: `${type}-1` }, { timeoutMs: 5000 })

async function submit(body: object): Promise<string> {
  const response = await fetch(`${url}/v1/tasks`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return ((await response.json()) as { taskId: string }).taskId
}

t.test('what a monitor sees, and how its camera is, until it is over', async (t) => {
  const camera = 'stream-yard'
  const id = await submit({ type: 'monitor', input: { ...monitorRequestExample, camera } })
  const response = await fetch(`${url}/v1/monitors/${id}/events`, { signal: AbortSignal.timeout(20_000) })
  t.equal(response.status, 200)
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  let text = ''
  const read = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })()
  const tell = (subject: string, body: object) => bus.publishCore(subject, JSON.stringify(body))
  let seq = 0
  await until('the first frame', () => {
    tell(SUBJECTS.tracks('default', camera), tracksOf(id, { camera, seq: ++seq, persons: 3 }))
    return text.includes('event: tracks')
  })
  tell(SUBJECTS.tracks('default', camera), tracksOf('another', { camera, persons: 77 }))
  bus.publishCore(SUBJECTS.tracks('default', camera), '{"torn')
  tell(SUBJECTS.cameraState('default', camera), stateOf(id, { camera, fps: 9.5 }))
  await until('the state', () => text.includes('"fps":9.5'))
  tell(SUBJECTS.cameraState('default', camera), stateOf(id, { camera, status: 'ended' }))
  await read
  t.match(text, /event: tracks\ndata: \{.*"persons":3/)
  t.notMatch(text, /"persons":77/, 'another monitor of the same camera is another matter')
  t.match(text, /event: state\ndata: \{.*"ended"[\s\S]*event: end\ndata: \{\}\n\n$/)

  await fetch(`${url}/v1/tasks/${id}/cancel`, { method: 'POST' })
  await until('its end', async () => {
    const task = (await (await fetch(`${url}/v1/tasks/${id}`)).json()) as { task: { status: string } }
    return task.task.status === 'cancelled'
  })
  const over = await fetch(`${url}/v1/monitors/${id}/events`)
  t.match(await over.text(), /event: end/, 'what is over ends at once')
})

t.test('what is no monitor is refused while a status can still tell it', async (t) => {
  const nope = await fetch(`${url}/v1/monitors/nope/events`)
  t.match([nope.status, await nope.json()], [404, { code: 'TASK_NOT_FOUND' }])
  const id = await submit({ type: 'plan', plan: { steps: [{ id: 'a', agent: 'echo' }] } })
  const other = await fetch(`${url}/v1/monitors/${id}/events`)
  t.match(
    [other.status, await other.json()],
    [400, { code: 'INVALID_REQUEST', detail: /no monitor but a plan/ }],
  )
})
