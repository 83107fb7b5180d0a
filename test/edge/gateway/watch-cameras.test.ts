import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type CameraView, cameraViewExample as yard } from '#schemas/camera-view.ts'
import { type CameraItem, watchCameras } from '../../../services/edge/gateway/watch-cameras.ts'

/** Answers that come one after the other; an error is thrown. */
function watchOf(answers: readonly (readonly CameraView[] | Error)[], signal = new AbortController().signal) {
  const clock = createManualClock()
  let asked = 0
  const gateway = {
    async cameras() {
      const answer = answers[Math.min(asked++, answers.length - 1)]!
      if (answer instanceof Error) throw answer
      return { cameras: [...answer], total: answer.length }
    },
  }
  // Waiting costs no time here: what is asked next is what counts.
  const quick = { sleep: async (ms: number) => clock.advance(ms) }
  return watchCameras({ tenant: 'acme', request: {} }, gateway, signal, quick)
}

async function take(items: AsyncGenerator<CameraItem>, count: number): Promise<string[]> {
  const told: string[] = []
  for await (const item of items) {
    told.push(item.kind === 'idle' ? 'idle' : `${item.kind} ${item.camera.camera} ${item.camera.status}`)
    if (told.length === count) break
  }
  return told
}

const gate: CameraView = { ...yard, camera: 'gate', status: 'live' }
const away = new MurmurError('UNAVAILABLE', 'nobody answers')

t.test('each camera first, then what has changed, and what is gone', async (t) => {
  const told = await take(
    watchOf([[gate, yard], [gate, yard], [gate, { ...yard, status: 'live' }], [yard]]),
    6,
  )
  t.strictSame(told, [
    'camera gate live',
    'camera yard blind',
    'idle',
    'camera yard live',
    'gone gate live',
    'camera yard blind',
  ])
})

t.test('who does not answer for a moment is waited for; one who never does is told', async (t) => {
  t.strictSame(await take(watchOf([[gate], away, away, [yard, gate]]), 2), [
    'camera gate live',
    'camera yard blind',
  ])
  await t.rejects(take(watchOf([away]), 1), { code: 'UNAVAILABLE' })
  await t.rejects(take(watchOf([[gate], away]), 9), { code: 'UNAVAILABLE' })
})

t.test('it ends with its signal, and there are not too many', async (t) => {
  const ended = new AbortController()
  ended.abort()
  t.strictSame(await take(watchOf([[gate]], ended.signal), 1), [])
  const open = Array.from({ length: 200 }, () => watchOf([[gate]]))
  await Promise.all(open.map((items) => items.next()))
  await t.rejects(take(watchOf([[gate]]), 1), { code: 'OVERLOADED' })
  await Promise.all(open.map((items) => items.return(undefined)))
  t.strictSame(await take(watchOf([[gate]]), 1), ['camera gate live'])
})
