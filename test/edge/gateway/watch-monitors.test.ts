import t from 'tap'
import { SUBJECTS } from '#subjects/subjects.ts'
import { stateOf, tracksOf } from '../../cli/monitor-fixtures.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'
import { openRest } from '../edge-fixture.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { url } = await openRest(t, bus)

/** Follows the stream. @returns what came so far, and how to end it */
async function follow(query: string) {
  const gone = new AbortController()
  const response = await fetch(`${url}/v1/monitors/events${query}`, { signal: gone.signal })
  const seen = { status: response.status, text: '' }
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) seen.text += chunk
  })().catch(() => undefined)
  return {
    seen,
    async end() {
      gone.abort()
      await reading
    },
  }
}
const tell = (subject: string, body: object) => bus.publishCore(subject, JSON.stringify(body))
const tracks = (tenant: string, monitor: string, fields: object) =>
  tell(SUBJECTS.tracks(tenant, `cam-${monitor}`), tracksOf(monitor, { camera: `cam-${monitor}`, ...fields }))

t.test('one stream tells what all monitors of a tenant see, and of no other tenant', async (t) => {
  const { seen, end } = await follow('')
  t.equal(seen.status, 200)
  let seq = 0
  await until('both cameras', () => {
    tracks('default', 'one', { seq: ++seq, persons: 3 })
    tracks('default', 'two', { seq, vehicles: 5 })
    tracks('other', 'foreign', { seq, persons: 77 })
    tell(SUBJECTS.cameraState('default', 'cam-one'), stateOf('one', { camera: 'cam-one', fps: 9.5 }))
    bus.publishCore(SUBJECTS.tracks('default', 'cam-one'), '{"torn')
    return /"persons":3/.test(seen.text) && /"vehicles":5/.test(seen.text) && /"fps":9.5/.test(seen.text)
  })
  await end()
  t.match(seen.text, /event: tracks\ndata: \{.*"monitor":"two"/)
  t.match(seen.text, /event: state\ndata: \{/)
  t.notMatch(seen.text, /foreign/)
})

t.test('only those that were asked for, the newest of each, ten times a second at most', async (t) => {
  const { seen, end } = await follow('?monitor=one&monitor=three')
  let seq = 0
  await until('the first', () => {
    tracks('default', 'two', { seq: ++seq })
    tracks('default', 'one', { seq })
    return seen.text.includes('event: tracks')
  })
  const before = seen.text.split('event: tracks').length
  const last = seq + 500
  for (; seq < last; ) tracks('default', 'one', { seq: ++seq })
  await until('the newest', () => seen.text.includes(`"seq":${last},`))
  await end()
  const told = seen.text.split('event: tracks').length - before
  t.ok(told < 50, `${told} of 500 were told`)
  t.notMatch(seen.text, /"monitor":"two"/)
})

t.test('what is no list of monitors is refused', async (t) => {
  const cases: [string, string][] = [
    ['?monitor=no%20id', 'INVALID_REQUEST'],
    [`?${Array.from({ length: 201 }, (_, i) => `monitor=m${i}`).join('&')}`, 'INVALID_REQUEST'],
    ['?camera=yard', 'INVALID_REQUEST'],
  ]
  for (const [query, code] of cases) {
    const response = await fetch(`${url}/v1/monitors/events${query}`)
    t.match([response.status, await response.json()], [400, { code }], query.slice(0, 30))
  }
})
