import t from 'tap'
import { type CameraView, cameraViewExample } from '#schemas/camera-view.ts'
import { renderCameras, statusSums } from '../../../services/cli/cameras/render-cameras.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

const nowMs = cameraViewExample.sinceMs + 12_000
const render = (...cameras: CameraView[]) =>
  renderCameras(cameras, { total: cameras.length, nowMs, paint: noPaint })

t.test('a line each: state, how long, rates, lag, losses, model and why', (t) => {
  const [head, line, empty, sum] = render({ ...cameraViewExample, cuts: 2 })
  t.match(head, /camera +state +for +fps +analysed +lag +dropped +still +reads +decoding +model +why/)
  t.match(
    line,
    /yard +blind +12\.0 s +10\.0 +0\.0 +40 ms +0\.7 % +70 % +substream +vaapi +yolox-nano +no detector answers.*;\s+backlog cut 2 times/,
  )
  t.equal(empty, '')
  t.match(sum, /^1 camera: 1 blind$/)
  t.end()
})

t.test('what is not known is left empty; the older of both ages counts', (t) => {
  const { analysedFps: _a, lagMs: _l, ageMs: _g, model: _m, reason: _r, ...bare } = cameraViewExample
  const frames = { decoded: 0, droppedAtCapture: 0, droppedAtDetection: 0 }
  t.match(
    render({ ...bare, status: 'waiting', fps: 0, frames, site: 'north' })[1],
    /waiting +12\.0 s +0\.0 +substream +vaapi +site north/,
  )
  t.match(render({ ...cameraViewExample, status: 'lagging', lagMs: 100, ageMs: 4200 })[1], / 4\.2 s /)
  t.end()
})

t.test('what speaks against what it sees stands with why', (t) => {
  const [, line] = render({
    ...cameraViewExample,
    mainStream: { status: 'offline', reason: 'refused', warning: 'of another shape' },
    modelWarning: 'trained on rendered scenes',
    input: { width: 640, height: 640, border: 0.5, note: 'half of it is border' },
  })
  t.match(
    line,
    /main stream offline: refused; of another shape; trained on rendered scenes; half of it is border$/,
  )
  t.end()
})

t.test('what others name is shown as text, and sums count the most first', (t) => {
  t.notMatch(render({ ...cameraViewExample, reason: 'a\u001b[2Jb' })[1], '\u001b')
  const all = ['live', 'blind', 'live'].map((status) => ({ ...cameraViewExample, status }) as CameraView)
  t.equal(statusSums(all, noPaint), '2 live, 1 blind')
  const some = renderCameras(all, { total: 1200, nowMs, paint: noPaint })
  t.match(some.at(-1), /^1,?200 cameras: .*, and 1197 more$/)
  t.end()
})
