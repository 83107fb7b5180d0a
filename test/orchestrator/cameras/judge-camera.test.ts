import t from 'tap'
import type { AgentView } from '#schemas/agent.ts'
import type { CameraState } from '#schemas/camera.ts'
import { cameraViewSchema } from '#schemas/camera-view.ts'
import type { StepState } from '#schemas/task.ts'
import { type CaptureStep, judgeCamera } from '../../../services/orchestrator/cameras/judge-camera.ts'

const NOW_MS = 1_790_000_100_000
const STATE: CameraState = {
  ...{ v: 1, camera: 'yard', monitor: 'kq3v9x', epoch: 1, status: 'live', reconnects: 0, fps: 10 },
  ...{ frames: { decoded: 100, droppedAtCapture: 1, droppedAtDetection: 4 }, atMs: NOW_MS, sinceMs: 5 },
  ...{ analysedFps: 9.5, lagMs: 40, ageMs: 200, model: 'yolox-nano', cuts: 2 },
}
const AGENT: AgentView = {
  ...{ type: 'capture', instance: 'capture-1', version: '1', capacity: 16, inFlight: 16, status: 'ready' },
  ...{ startedAtMs: 1, lastSeenMs: NOW_MS },
}
const step = (more: Partial<StepState> = {}): StepState => ({
  ...{ status: 'dispatched', attempt: 1, dispatchedAtMs: NOW_MS - 30_000 },
  ...more,
})
const run = { instance: 'capture-1', bornAtMs: 1, alone: false, sinceMs: NOW_MS - 60_000 }
const capture = (more: Partial<CaptureStep> = {}): CaptureStep => ({
  ...{ tenant: 'acme', monitor: 'kq3v9x', camera: 'yard', agent: 'capture', site: undefined, step: step() },
  task: { status: 'running', createdAtMs: NOW_MS - 40_000, startAtMs: NOW_MS - 40_000 },
  ...more,
})
const heard = (agoMs: number, state: CameraState = STATE) => ({
  tenant: 'acme',
  state,
  heardAtMs: NOW_MS - agoMs,
})

t.test('as its capture says, while that is heard', (t) => {
  const view = judgeCamera(capture({ step: step({ run }) }), heard(1000), [AGENT], NOW_MS)
  t.match(view, {
    status: 'live',
    fps: 10,
    analysedFps: 9.5,
    lagMs: 40,
    model: 'yolox-nano',
    cuts: 2,
    sinceMs: 5,
  })
  t.strictSame(view.frames, { decoded: 100, droppedAtCapture: 1, droppedAtDetection: 4 })
  t.strictSame(cameraViewSchema.parse(view), view)
  t.end()
})

t.test(
  'its streams, what decodes them and what speaks against what it sees are told as it tells them',
  (t) => {
    const said: CameraState = {
      ...STATE,
      frames: { decoded: 100, droppedAtCapture: 1, droppedAtDetection: 4, gated: 60 },
      ...{
        modelWarning: 'trained on rendered scenes',
        decoding: { method: 'software', reason: 'no device' },
      },
      input: { width: 416, height: 256, border: 0.1, note: 'a smaller stream would do' },
      mainStream: { status: 'offline', reason: 'refused' },
    }
    const view = judgeCamera(capture({ hasSubstream: true }), heard(1000, said), [AGENT], NOW_MS)
    const { modelWarning, decoding, input, mainStream, frames } = said
    t.match(view, { modelWarning, decoding, input, mainStream, frames, detectStream: 'substream' })
    t.strictSame(cameraViewSchema.parse(view), view)
    // A capture that is heard without its task says it by its main stream.
    t.equal(judgeCamera(capture(), heard(1000, said), [AGENT], NOW_MS).detectStream, 'substream')
    t.equal(judgeCamera(capture(), heard(1000), [AGENT], NOW_MS).detectStream, 'main')
    t.equal(judgeCamera(capture({ hasSubstream: true }), undefined, [], NOW_MS).detectStream, 'substream')
    t.end()
  },
)

t.test('what waits is said to wait, and why', (t) => {
  const why = (about: Partial<CaptureStep>, agents: readonly AgentView[]) => {
    const { status, reason } = judgeCamera(capture(about), undefined, agents, NOW_MS)
    t.equal(status, 'waiting', reason ?? 'without a reason')
    return reason ?? ''
  }
  t.match(
    why({}, [AGENT]),
    /waiting for a place: 16 of 16 taken in 1 capture process; .*MURMUR_CAPTURE_CAMERAS/,
  )
  t.match(why({}, [AGENT, { ...AGENT, instance: 'capture-2' }]), /32 of 32 taken in 2 capture processes/)
  t.match(why({}, [{ ...AGENT, inFlight: 3 }]), /in a moment/)
  t.match(why({}, []), /no capture agent is heard/)
  t.match(why({ agent: 'capture--north', site: 'north' }, [AGENT]), /no capture--north agent .* site north/)
  const error = { code: 'SOURCE_UNAVAILABLE' as const, message: 'refused' }
  t.match(
    why({ step: step({ status: 'backoff', error }) }, [AGENT]),
    /tried again: SOURCE_UNAVAILABLE: refused/,
  )
  const { task } = capture()
  t.match(why({ task: { ...task, status: 'paused' } }, [AGENT]), /paused/)
  t.match(why({ task: { ...task, held: 'singleton' } }, [AGENT]), /not begun/)
  t.end()
})

t.test('who is not heard any more does not watch, whatever it said last', (t) => {
  const about = capture({ step: step({ run }) })
  const gone = judgeCamera(about, heard(12_000), [], NOW_MS)
  t.match(gone, {
    status: 'unwatched',
    fps: 0,
    analysedFps: 0,
    sinceMs: NOW_MS - 12_000,
    heardAtMs: NOW_MS - 12_000,
  })
  t.match(gone.reason, /capture \(capture-1\) is not heard any more/)
  t.match(judgeCamera(about, heard(12_000), [AGENT], NOW_MS).reason, /lives, and says nothing/)
  const never = judgeCamera(about, undefined, [AGENT], NOW_MS)
  t.match(never, { status: 'unwatched', sinceMs: run.sinceMs, frames: { decoded: 0 } })
  t.end()
})
