import type { ModelCard } from '#schemas/detection.ts'
import type { CliContext } from '../cli-context.ts'
import type { Paint } from '../output/paint.ts'
import { formatBytes, progressBar } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
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
  { title: 'AP50 person', align: 'right' },
  { title: 'vehicle', align: 'right' },
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
  const rows = models.map(({ name, state, bytes, about, card }): Cell[] => [
    { text: name, style: 'bold' },
    { text: state, style: STATE_STYLES[state] },
    { text: bytes === undefined ? '' : formatBytes(bytes) },
    { text: realFigure(card, 'person') },
    { text: realFigure(card, 'vehicle') },
    { text: about, style: 'dim' },
  ])
  return [
    ...renderTable(COLUMNS, rows, options),
    options.paint.dim(
      '  AP50 on real video that the model never saw; – where nobody has measured it. More: murmur models info NAME',
    ),
  ]
}

/** What was measured last on real footage is what a camera will see. */
function realFigure(card: ModelCard | undefined, of: string): string {
  const figure = card?.measured.findLast(({ ap50 }) => ap50?.[of] !== undefined)?.ap50?.[of]
  return figure === undefined ? '–' : figure.toFixed(3)
}

/** The card of a model, for people: what it learned from, how well it sees, and what it can't see. Pure. */
export function renderCard(card: ModelCard | undefined, { paint }: RenderOptions): string[] {
  if (!card) return ['', paint.dim('  No card: nothing is known of what it was measured on.')]
  const figures = (ap50: Readonly<Record<string, number>> = {}) =>
    Object.entries(ap50).map(([label, figure]) => `${label} ${figure.toFixed(3)}`)
  const measured = card.measured.flatMap(({ on, by, ap50, note }) => [
    `  ${figures(ap50).length > 0 ? `AP50 ${figures(ap50).join(', ')}: ` : ''}${printable(on)}`,
    paint.dim(`    ${note ? `${printable(note)}; ` : ''}measured by ${printable(by)}`),
  ])
  return [
    '',
    `${paint.bold('learned from')}  ${printable(card.trainedOn)}`,
    ...(card.domain === 'rendered' ? [paint.yellow('  for rendered scenes only')] : []),
    '',
    paint.bold('measured'),
    ...(measured.length > 0 ? measured : ['  nothing']),
    '',
    paint.bold('what it can not see'),
    ...card.cannotSee.map((what) => `  ${printable(what)}`),
  ]
}

export function renderModel(model: ModelDescription, options: RenderOptions): string[] {
  const { name, head, classes, scoreThreshold, bytes, sha256, license, file, url, isOriginal, scores, card } =
    model
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
        ...fact(
          'score',
          [
            `${scoreThreshold} and more`,
            ...Object.entries(scores ?? {}).map(([of, score]) => `${of} ${score}`),
          ].join(', '),
        ),
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
    ...renderCard(card, options),
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
