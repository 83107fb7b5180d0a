import type { Paint } from '../output/paint.ts'
import { formatBytes } from '../output/quantities.ts'
import { type Cell, type Column, renderTable } from '../output/table.ts'
import type { KnownModel, ModelDescription } from './known-models.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

const COLUMNS: readonly Column[] = [
  { title: 'model' },
  { title: 'state' },
  { title: 'size', align: 'right' },
  { title: 'what', flexible: true },
]
const STATE_STYLES: Readonly<Record<KnownModel['state'], keyof Paint>> = {
  bundled: 'green',
  here: 'green',
  'not here': 'dim',
  damaged: 'red',
}
const SHOWN_CLASSES = 6

export function renderModels(models: readonly KnownModel[], options: RenderOptions): string[] {
  const rows = models.map(({ name, state, bytes, about }): Cell[] => [
    { text: name, style: 'bold' },
    { text: state, style: STATE_STYLES[state] },
    { text: bytes === undefined ? '' : formatBytes(bytes) },
    { text: about, style: 'dim' },
  ])
  return renderTable(COLUMNS, rows, options)
}

export function renderModel(model: ModelDescription, options: RenderOptions): string[] {
  const { name, head, classes, scoreThreshold, bytes, sha256, license, file, url, isOriginal } = model
  const fact = (what: string, value: string | undefined): Cell[][] =>
    value === undefined ? [] : [[{ text: what, style: 'dim' }, { text: value }]]
  const shown = classes.slice(0, SHOWN_CLASSES).join(', ')
  const missing = `not here: npx murmur models pull ${name}`
  return [
    options.paint.bold(name),
    ...renderTable(
      [{ title: 'what' }, { title: 'value', flexible: true }],
      [
        ...fact('head', head),
        ...fact('classes', `${classes.length}: ${shown}${classes.length > SHOWN_CLASSES ? ' …' : ''}`),
        ...fact('score', `${scoreThreshold} and more`),
        ...fact('size', bytes === undefined ? undefined : formatBytes(bytes)),
        ...fact('sha256', sha256),
        ...fact(
          'checked',
          isOriginal === undefined
            ? undefined
            : isOriginal
              ? 'it is the original'
              : 'it is NOT the original of that name',
        ),
        ...fact('licence', license),
        ...fact('from', url),
        ...fact('file', file ?? missing),
      ],
      { ...options, header: false },
    ),
  ]
}
