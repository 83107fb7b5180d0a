import type { CameraView } from '#schemas/camera-view.ts'
import { detectStreamName, networkInputText, pictureSize, stillShare } from '#schemas/camera-words.ts'
import type { Paint } from '../output/paint.ts'
import { count } from '../output/quantities.ts'
import { renderTable } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'

type Fact = readonly [name: string, value: string]

/** What is known of one camera beside its line: its streams, what decodes them, what the network is given, what speaks against it. Pure. */
export function renderCameraFacts(view: CameraView, paint: Paint): string[] {
  const { input, model, modelWarning, reason } = view
  const facts: readonly Fact[] = [
    ...(reason === undefined ? [] : [['why', reason] as const]),
    ...streamFacts(view),
    ...(input ? [['network', networkInputText(input)] as const] : []),
    ...(model === undefined ? [] : [['model', model] as const]),
    ...motionFact(view),
    ...[modelWarning, input?.note].flatMap((note) => (note ? [['note', note] as const] : [])),
  ]
  return renderTable(
    [{ title: 'fact' }, { title: 'value' }],
    facts.map(([name, value]) => [{ text: name, style: 'dim' }, { text: printable(value) }]),
    { paint, header: false },
  )
}

function streamFacts({ detectStream, source, mainStream, decoding }: CameraView): Fact[] {
  const rate = source?.fps === undefined ? '' : ` at ${source.fps.toFixed(0)} fps`
  const size = source ? `, ${pictureSize(source)}${rate}` : ''
  const main = mainStream?.source ? `, ${pictureSize(mainStream.source)}` : ''
  const trouble = [mainStream?.reason, mainStream?.warning].flatMap((text) => (text ? [`: ${text}`] : []))
  return [
    ...(detectStream ? [['detection', `reads the ${detectStreamName(detectStream)}${size}`] as const] : []),
    ...(mainStream ? [['main stream', `${mainStream.status}${main}${trouble.join('')}`] as const] : []),
    ...(decoding
      ? [['decoding', `${decoding.method}${decoding.reason ? `: ${decoding.reason}` : ''}`] as const]
      : []),
  ]
}

function motionFact({ frames }: CameraView): Fact[] {
  const still = stillShare(frames)
  return still === '' ? [] : [['motion', `none in ${still} of ${count(frames.decoded, 'frame')}`]]
}
