import t from 'tap'
import { renderModel, renderModels, renderPull } from '../../../services/cli/models/render-models.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'

const plain = { paint: noPaint }

t.test('models: how much of one is here, all of them, one in full', async (t) => {
  t.equal(renderPull('yolox-tiny', 8_000_000, 20_000_000), 'yolox-tiny  ████░░░░░░  40 %  7.6 MiB of 19 MiB')
  t.strictSame(
    renderModels(
      [
        { name: 'starter', state: 'bundled', bytes: 2_767_687, about: 'for trying out', isDefault: false },
        { name: 'yolox-nano', state: 'damaged', bytes: undefined, about: 'small', isDefault: true },
      ],
      plain,
    ),
    [
      '  model       state       size  what',
      '  starter     bundled  2.6 MiB  for trying out',
      '  yolox-nano  damaged           small',
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
    ],
  )
  t.match(renderModel({ ...manifest, classes: [], file: undefined }, plain).at(-1), /models pull own/)
})
