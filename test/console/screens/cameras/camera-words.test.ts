import t from 'tap'
import { cameraViewExample } from '#schemas/camera-view.ts'
import {
  detectStreamText,
  droppedOf,
  inputText,
  kindText,
  mainStreamText,
  stillText,
  warningsOf,
} from '../../../../services/console/screens/cameras/camera-words.ts'

t.test('what is known of a camera, in words', async (t) => {
  const view = cameraViewExample
  t.equal(detectStreamText(view), 'substream, 640 × 360')
  t.equal(mainStreamText(view), 'live, 1920 × 1080')
  t.equal(inputText(view), '416 × 256, 9 % of it border')
  t.equal(stillText(view), '70 %')
  t.equal(droppedOf(view), 4)
  t.equal(kindText(view), 'substream of 1920 × 1080 · vaapi · yolox-nano')
  t.strictSame(warningsOf(view), ['blind: no detector answers: none runs, or it hangs'])
})

t.test('what nobody has told is left out', async (t) => {
  const { camera, monitor, sinceMs, reconnects } = cameraViewExample
  const frames = { decoded: 0, droppedAtCapture: 0, droppedAtDetection: 0, gated: 0 }
  const view = { camera, monitor, sinceMs, reconnects, frames, fps: 0, status: 'waiting' } as const
  for (const text of [detectStreamText, mainStreamText, inputText, stillText]) t.equal(text(view), undefined)
  t.equal(kindText(view), '')
  t.strictSame(warningsOf(view), [])
  t.equal(kindText({ ...view, detectStream: 'main', source: { width: 960, height: 540 } }), '960 × 540')
})

t.test('what speaks against what is seen there, each by itself', async (t) => {
  const warnings = warningsOf({
    ...cameraViewExample,
    mainStream: { status: 'offline', reason: 'refused', warning: 'of another shape' },
    modelWarning: 'trained on rendered scenes',
    input: { width: 640, height: 640, border: 0.5, note: 'half of it is border' },
  })
  t.strictSame(warnings.slice(1), [
    'main stream offline: refused',
    'of another shape',
    'trained on rendered scenes',
    'half of it is border',
  ])
})
