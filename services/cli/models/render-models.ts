import type { CliContext } from '../cli-context.ts'
import type { Paint } from '../output/paint.ts'
import { formatBytes, progressBar } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import type { KnownModel, ModelDescription } from './known-models.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

const COLUMNS: readonly TableColumn[] = [
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

const REDRAW_MS = 100
/** Where nothing can be redrawn. */
const PLAIN_INTERVAL_MS = 5000

/** Shows how far a download is: a bar on a terminal, a line now and then elsewhere. */
export function showPull(name: string, { clock, terminal }: Pick<CliContext, 'clock' | 'terminal'>) {
  const intervalMs = terminal.isLive ? REDRAW_MS : PLAIN_INTERVAL_MS
  let shownMs = clock.monotonicMs()
  return (bytes: number, of: number): void => {
    const nowMs = clock.monotonicMs()
    if (nowMs - shownMs < intervalMs && bytes < of) return
    shownMs = nowMs
    const line = renderPull(name, bytes, of)
    if (terminal.isLive) terminal.drawLive([line])
    else terminal.log(`  ${line}`)
  }
}

/** `yolox-tiny  ████░░░░░░  40 %  7.7 MiB of 19 MiB`. Pure. */
export function renderPull(name: string, bytes: number, of: number): string {
  const share = bytes / of
  const percent = `${Math.floor(share * 100)} %`.padStart(5)
  return `${name}  ${progressBar(share)} ${percent}  ${formatBytes(bytes)} of ${formatBytes(of)}`
}
