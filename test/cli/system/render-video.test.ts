import t from 'tap'
import { detectorViewExample as ready } from '#schemas/detection.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { renderVideo } from '../../../services/cli/system/render-video.ts'

const nowMs = ready.lastSeenMs + 1000
const render = (about: Parameters<typeof renderVideo>[0]) => renderVideo(about, nowMs, noPaint)

t.test('detectors and cameras, where there is live video', (t) => {
  t.strictSame(render({}), [])
  t.strictSame(
    render({
      detectors: [ready, { ...ready, instance: 'new', models: [], provider: 'none', fps: 0 }],
      cameras: [
        { status: 'live', count: 15 },
        { status: 'waiting', count: 1 },
      ],
    }),
    [
      'detector detection-1: yolox-nano on cpu, 38.5 fps, last answer 1.10 s ago',
      'detector new: no model yet, 0.0 fps, last answer 1.10 s ago',
      'cameras: 15 live, 1 waiting',
    ],
  )
  t.strictSame(render({ cameras: [{ status: 'blind', count: 2 }] }), [
    'no detector is heard: nothing is seen',
    'cameras: 2 blind',
  ])
  t.end()
})
