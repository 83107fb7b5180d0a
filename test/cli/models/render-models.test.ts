import t from 'tap'
import type { ModelCard } from '#schemas/detection.ts'
import {
  renderCard,
  renderModel,
  renderModels,
  renderPull,
} from '../../../services/cli/models/render-models.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

const plain = { paint: noPaint }
const CARD: ModelCard = {
  trainedOn: 'renders',
  domain: 'rendered',
  measured: [
    { on: 'renders', by: 'us', ap50: { person: 0.8, vehicle: 0.9 } },
    { on: 'a street', by: 'us', ap50: { person: 0.053, vehicle: 0.006 } },
  ],
  cannotSee: ['prams'],
}

t.test('models: how much of one is here, all of them, one in full', async (t) => {
  t.equal(renderPull('yolox-tiny', 8_000_000, 20_000_000), 'yolox-tiny  ████░░░░░░  40 %  7.6 MiB of 19 MiB')
  t.strictSame(
    renderModels(
      [
        {
          ...{
            name: 'starter',
            state: 'bundled',
            bytes: 2_767_687,
            about: 'for trying out',
            isDefault: false,
          },
          card: CARD,
        },
        { name: 'yolox-nano', state: 'damaged', bytes: undefined, about: 'small', isDefault: true },
      ],
      plain,
    ),
    [
      '  model       state       size  AP50 person  vehicle  what',
      '  starter     bundled  2.6 MiB        0.053    0.006  for trying out',
      '  yolox-nano  damaged                     –        –  small',
      '  AP50 on real video that the model never saw; – where nobody has measured it. More: murmur models info NAME',
    ],
  )
  const manifest = { name: 'own', head: 'detr', classes: ['person', 'car'], scoreThreshold: 0.4 } as const
  t.strictSame(
    renderModel(
      { ...manifest, classes: [...manifest.classes], file: '/x/own.onnx', isOriginal: false },
      plain,
    ),
    [
      'own',
      '  head     detr',
      '  classes  2: person, car',
      '  score    0.4 and more',
      '  checked  it is NOT the original of that name',
      '  file     /x/own.onnx',
      '',
      '  No card: nothing is known of what it was measured on.',
    ],
  )
  t.match(renderModel({ ...manifest, classes: [], file: undefined }, plain).join('\n'), /models pull own/)
  const card = renderCard(CARD, plain).join('\n')
  t.match(card, /learned from {2}renders\n {2}for rendered scenes only/)
  t.match(card, /AP50 person 0\.053, vehicle 0\.006: a street\n {4}measured by us/)
  t.match(card, /what it can not see\n {2}prams/)
})
