import t from 'tap'
import { cameraViewExample } from '#schemas/camera-view.ts'
import { stillShare } from '#schemas/camera-words.ts'
import { renderCameraFacts } from '../../../services/cli/cameras/camera-facts.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

t.test('all that is known of a camera, a line each', (t) => {
  const lines = renderCameraFacts(
    {
      ...cameraViewExample,
      decoding: { method: 'software', reason: 'no device' },
      mainStream: { status: 'offline', reason: 'refused' },
      modelWarning: 'trained on rendered scenes',
    },
    noPaint,
  ).map((line) => line.trim().replace(/ {2,}/, ': '))
  t.strictSame(lines, [
    'why: no detector answers: none runs, or it hangs',
    'detection: reads the substream, 640 × 360 at 25 fps',
    'main stream: offline: refused',
    'decoding: software: no device',
    'network: 416 × 256, 9 % of it border',
    'model: yolox-nano',
    'motion: none in 70 % of 600 frames',
    'note: trained on rendered scenes',
  ])
  t.end()
})

t.test('what nobody has told is left out', (t) => {
  const { camera, monitor, sinceMs, reconnects } = cameraViewExample
  const frames = { decoded: 0, droppedAtCapture: 0, droppedAtDetection: 0 }
  const waiting = { camera, monitor, sinceMs, reconnects, frames, fps: 0, status: 'waiting' } as const
  t.strictSame(renderCameraFacts({ ...waiting, detectStream: 'main' }, noPaint), [
    '  detection  reads the main stream',
  ])
  t.equal(stillShare(frames), '')
  t.equal(stillShare({ ...frames, decoded: 10, gated: 0 }), '0 %')
  t.end()
})
