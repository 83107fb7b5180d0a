import t from 'tap'
import { cameraViewExample, type ListCamerasRequest } from '#schemas/camera-view.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { openRest } from '../edge-fixture.ts'

t.test('cameras over REST: the list, and as a stream', async (t) => {
  const servers = await withServers(t)
  const bus = await openBus(t, servers.natsUrl)
  const asked: ListCamerasRequest[] = []
  let status: 'blind' | 'live' = 'blind'
  t.teardown(
    bus.serve('listCameras', (request) => {
      asked.push(request)
      return { cameras: [{ ...cameraViewExample, status }], total: 1 }
    }),
  )
  await bus.flush()
  const { url } = await openRest(t, bus)
  const list = await fetch(`${url}/v1/cameras?status=blind&camera=yard`)
  t.strictSame(await list.json(), { cameras: [cameraViewExample], total: 1 })
  t.strictSame(asked, [{ status: 'blind', camera: 'yard' }])
  t.equal((await fetch(`${url}/v1/cameras?status=odd`)).status, 400)
  t.equal((await fetch(`${url}/v1/cameras/events?status=odd`)).status, 400)
  t.equal((await fetch(`${url}/v1/cameras?colour=red`)).status, 400)

  const response = await fetch(`${url}/v1/cameras/events`, { signal: AbortSignal.timeout(20_000) })
  t.match(response.headers.get('content-type'), 'text/event-stream')
  let text = ''
  const read = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk
  })().catch(() => undefined)
  const told = () =>
    [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, data]) => (JSON.parse(data!) as { camera: { status: string } }).camera.status,
    )
  await until('the first', () => told().includes('blind'))
  status = 'live'
  await until('the change', () => told().includes('live'))
  t.equal(text.match(/^event: camera$/gm)?.length, 2, 'what has not changed is not told')
  await response.body?.cancel().catch(() => undefined)
  await Promise.race([read, Promise.resolve()])
})
